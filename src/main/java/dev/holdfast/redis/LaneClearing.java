package dev.holdfast.redis;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.StaleLane;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;

/** Takes lanes out of Redis that nobody needs there any more. To be used on the event loop of its connection. */
public final class LaneClearing {

    private final ScriptCalls calls;

    /** Any number of these may share the calls. */
    public LaneClearing(ScriptCalls calls) {
        this.calls = calls;
    }

    /**
     * Whether the lane's sale is over by Redis's clock, nothing is kept for its buyers, and its ledger ends where PostgreSQL's does.
     * Fails with {@link StaleLane} and {@link Unavailable}.
     */
    public Future<Boolean> isQuiet(Lane lane, long recordedSeq) {
        return calls.call(Script.RETIRE, lane, Long.toString(recordedSeq), "0")
                .map(reply -> reply.word().equals("QUIET"));
    }

    /** Takes the lane out of Redis if it is quiet; true where it is gone, since whenever. Fails with {@link Unavailable}. */
    public Future<Boolean> clear(Lane lane, long recordedSeq) {
        return calls.call(Script.RETIRE, lane, Long.toString(recordedSeq), "1")
                .map(reply -> reply.word().equals("RETIRED"))
                .recover(failure ->
                        failure instanceof StaleLane ? Future.succeededFuture(true) : Future.failedFuture(failure));
    }
}
