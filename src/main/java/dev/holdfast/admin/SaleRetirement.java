package dev.holdfast.admin;

import dev.holdfast.ledger.RetirementBook;
import dev.holdfast.ledger.RetirementBook.EndedLane;
import dev.holdfast.redis.LaneClearing;
import dev.holdfast.reservation.StaleLane;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes sales that are over out of Redis and out of all nodes' loops. PostgreSQL first: from then on the books answer, and what Redis
 * still has is taken away by whoever comes next. To be used on the event loop of its connection.
 */
public final class SaleRetirement {

    private static final Logger LOG = LoggerFactory.getLogger(SaleRetirement.class);

    private final RetirementBook book;
    private final LaneClearing redis;

    /** Any number of these may work at once. */
    public SaleRetirement(RetirementBook book, LaneClearing redis) {
        this.book = book;
        this.redis = redis;
    }

    /** Retires every sale that has been over since before this time; how many. */
    public Future<Integer> retire(Instant before) {
        return book.over(before).compose(over -> counted(over, ended -> retire(ended, before)));
    }

    /** Takes out of Redis what is retired; how many lanes. */
    public Future<Integer> clear() {
        return book.uncleared().compose(retired -> counted(retired, this::clear));
    }

    /** Redis is asked first, so that a lane on which it keeps anything for a buyer is never retired for a moment. */
    private Future<Boolean> retire(EndedLane ended, Instant before) {
        return redis.isQuiet(ended.lane(), ended.recordedSeq())
                .compose(quiet -> quiet ? book.retire(ended, before) : Future.succeededFuture(false))
                .onSuccess(retired -> {
                    if (retired) {
                        LOG.info("lane {} is retired: its sale is over", ended.lane());
                    }
                });
    }

    private Future<Boolean> clear(EndedLane retired) {
        return redis.clear(retired.lane(), retired.recordedSeq())
                .compose(gone -> gone ? book.cleared(retired) : book.takeBack(retired))
                .map(true);
    }

    /** One after the other; a lane that Redis does not have is for others to look into. */
    private static Future<Integer> counted(List<EndedLane> lanes, Function<EndedLane, Future<Boolean>> work) {
        Future<Integer> count = Future.succeededFuture(0);
        for (EndedLane lane : lanes) {
            count = count.compose(sofar -> work.apply(lane)
                    .map(done -> done ? sofar + 1 : sofar)
                    .recover(failure -> failure instanceof StaleLane
                                    || Unavailable.isBecause(Unavailable.Reason.RECOVERING, failure)
                            ? Future.succeededFuture(sofar)
                            : Future.failedFuture(failure)));
        }
        return count;
    }
}
