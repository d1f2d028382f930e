package dev.holdfast.admin;

import dev.holdfast.ledger.Unapplied;
import dev.holdfast.ledger.UnappliedChanges;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.SkuRules;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
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

    /** Sends everything that waits; answers how many were sent. What cannot be sent does not keep the others. */
    public Future<Integer> step() {
        return unapplied.find().compose(waiting -> {
            Future<Integer> sent = Future.succeededFuture(0);
            for (Unapplied some : waiting) {
                sent = sent.compose(before -> send(some).map(count -> before + count));
            }
            return sent;
        });
    }

    private Future<Integer> send(Unapplied some) {
        ListedSale listed = some.listed();
        return switch (some) {
            case Unapplied.Policy policy -> counted(listed, sender.send(listed), 1);
            case Unapplied.Rules changed ->
                sender.send(listed, changed.rules())
                        .map(changed.rules().size())
                        .recover(failure -> failure instanceof Unavailable
                                ? counted(listed, Future.failedFuture(failure), 0)
                                : oneByOne(listed, changed.rules()));
            case Unapplied.Adjusting adjusting -> counted(listed, sender.send(listed, adjusting.adjustment()), 1);
        };
    }

    /** One of them is at fault. */
    private Future<Integer> oneByOne(ListedSale listed, List<SkuRules> all) {
        Future<Integer> sent = Future.succeededFuture(0);
        for (SkuRules rules : all) {
            sent = sent.compose(before ->
                    counted(listed, sender.send(listed, List.of(rules)), 1).map(count -> before + count));
        }
        return sent;
    }

    private static Future<Integer> counted(ListedSale listed, Future<?> sent, int count) {
        return sent.map(count).otherwise(failure -> {
            LOG.debug("sale {} was not sent again: {}", listed.sale().id(), failure.getMessage());
            return 0;
        });
    }
}
