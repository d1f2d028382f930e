package dev.holdfast.redis;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LaneStop;
import dev.holdfast.reservation.StaleLane;
import io.vertx.core.Future;
import io.vertx.core.Promise;

/** Closes lanes by a script, over one connection. Safe for all threads. */
public final class RedisLaneStop implements LaneStop {

    private final ScriptCalls calls;

    /** Uses the connection of the calls, on its event loop. */
    public RedisLaneStop(ScriptCalls calls) {
        this.calls = calls;
    }

    @Override
    public Future<Void> stop(Lane lane) {
        Promise<Void> stopped = Promise.promise();
        calls.redis()
                .onLoop(() -> calls.call(Script.STOP, lane)
                        .<Void>mapEmpty()
                        // Then no call of this epoch finds it either.
                        .recover(failure ->
                                failure instanceof StaleLane ? Future.succeededFuture() : Future.failedFuture(failure))
                        .onComplete(stopped));
        return stopped.future();
    }
}
