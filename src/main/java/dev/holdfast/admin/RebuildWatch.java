package dev.holdfast.admin;

import dev.holdfast.ledger.RebuildBook;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices rebuilds whose node ended or stands still: they do not renew their lease any more. Each is marked as failed, so that somebody is
 * told to ask again. Every node runs one.
 */
public final class RebuildWatch {

    private static final Logger LOG = LoggerFactory.getLogger(RebuildWatch.class);

    private final RebuildBook book;
    private long timer = -1;
    private boolean running;

    /** Looks at the rebuilds of all sales. */
    public RebuildWatch(RebuildBook book) {
        this.book = book;
    }

    /** Looks every interval from now on; to be called on an event loop. */
    public void start(Vertx vertx, Duration interval) {
        timer = vertx.setPeriodic(interval.toMillis(), tick -> {
            if (!running) {
                running = true;
                step().onComplete(done -> running = false)
                        .onFailure(failure -> LOG.debug("no look at rebuilds: {}", failure.getMessage()));
            }
        });
    }

    /** Looks no more. */
    public void stop(Vertx vertx) {
        vertx.cancelTimer(timer);
    }

    /** One look. */
    public Future<Void> step() {
        return book.failAbandoned();
    }
}
