package dev.holdfast.admin;

import dev.holdfast.ledger.Unapplied;
import dev.holdfast.ledger.UnappliedChanges;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends again what a crash or an outage left between PostgreSQL and Redis. */
public final class Resender {

    private static final Logger LOG = LoggerFactory.getLogger(Resender.class);

    private final Vertx vertx;
    private final UnappliedChanges unapplied;
    private final LaneSender sender;
    private final Duration interval;
    private long timer = -1;
    private boolean running;

    /** Every node may run one: what two of them send twice changes nothing. */
    public Resender(Vertx vertx, UnappliedChanges unapplied, LaneSender sender, Duration interval) {
        this.vertx = vertx;
        this.unapplied = unapplied;
        this.sender = sender;
        this.interval = interval;
    }

    /** Takes a step every interval from now on. */
    public void start() {
        timer = vertx.setPeriodic(interval.toMillis(), tick -> {
            if (!running) {
                running = true;
                step().onComplete(done -> running = false)
                        .onFailure(failure -> LOG.debug("nothing was sent again: {}", failure.getMessage()));
            }
        });
    }

    /** Takes no further step. */
    public void stop() {
        vertx.cancelTimer(timer);
    }

    /** Sends everything that waits; answers how many were sent. One that cannot be sent does not keep the others. */
    public Future<Integer> step() {
        return unapplied.find().compose(waiting -> {
            Future<Integer> sent = Future.succeededFuture(0);
            for (Unapplied one : waiting) {
                sent = sent.compose(count -> send(one).map(count + 1).otherwise(failure -> {
                    LOG.debug(
                            "sale {} was not sent again: {}",
                            one.listed().sale().id(),
                            failure.getMessage());
                    return count;
                }));
            }
            return sent;
        });
    }

    private Future<Void> send(Unapplied one) {
        return switch (one) {
            case Unapplied.Policy policy -> sender.send(policy.listed());
            case Unapplied.Rules changed -> sender.send(changed.listed(), changed.rules());
            case Unapplied.Adjusting adjusting ->
                sender.send(adjusting.listed(), adjusting.adjustment()).mapEmpty();
        };
    }
}
