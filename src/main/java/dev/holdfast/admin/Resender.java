package dev.holdfast.admin;

import dev.holdfast.ledger.AdjustmentBook;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.Unapplied;
import dev.holdfast.ledger.UnappliedChanges;
import dev.holdfast.reservation.Adjustment;
import dev.holdfast.reservation.AdjustmentDecision;
import dev.holdfast.reservation.LedgerStream;
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
    private final AdjustmentBook adjustments;
    private final LaneSender sender;
    private final LedgerStream stream;
    private final Duration interval;
    private long timer = -1;
    private boolean running;

    /**
     * Every node may run one: what two of them send twice changes nothing.
     *
     * @param stream on the connection of the sender
     */
    public Resender(Vertx vertx, Books books, LaneSender sender, LedgerStream stream, Duration interval) {
        this.vertx = vertx;
        this.unapplied = books.unapplied();
        this.adjustments = books.adjustments();
        this.sender = sender;
        this.stream = stream;
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
        return adjustments.reportMissing().compose(missing -> unapplied.find()).compose(waiting -> {
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
            case Unapplied.Adjusting adjusting -> counted(listed, sendAgain(listed, adjusting.adjustment()), 1);
        };
    }

    /** How often is counted: what Redis decided, and what never comes into the books, must not be sent for ever. */
    private Future<Void> sendAgain(ListedSale listed, Adjustment adjustment) {
        return sender.send(listed, adjustment)
                .compose(decision -> decision instanceof AdjustmentDecision.NoSuchSku
                        ? Future.succeededFuture()
                        : stream.lastSeq(listed.lane())
                                .compose(last -> adjustments.sentAgain(listed.lane(), adjustment, last)));
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
