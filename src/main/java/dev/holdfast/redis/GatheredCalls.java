package dev.holdfast.redis;

import dev.holdfast.reservation.Lane;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes one call of all that ask the same script about the same lane in one turn of the event loop: in a rush that is most of
 * them, and a call costs more than what it does for one. Nobody waits for others to come: what came is sent when the turn ends.
 */
final class GatheredCalls {

    private final PinnedRedis redis;
    private final ManyAtOnce manyAtOnce;
    private final int most;
    private final Map<Destination, Gathering> open = new HashMap<>();

    /** One for each connection. The script's groups of arguments are put one after the other, at most this many. */
    GatheredCalls(PinnedRedis redis, ManyAtOnce manyAtOnce, int most) {
        this.redis = redis;
        this.manyAtOnce = manyAtOnce;
        this.most = most;
    }

    /** Calls a script with the arguments of many; each gets what concerns it, in their order. */
    interface ManyAtOnce {
        Future<List<Reply>> call(Script script, Lane lane, String... arguments);
    }

    /** Fails as the call does. */
    Future<Reply> call(Script script, Lane lane, String... arguments) {
        Promise<Reply> asker = redis.callerContext().promise();
        redis.onLoop(() -> gather(new Destination(script, lane), asker, arguments));
        return asker.future();
    }

    private void gather(Destination destination, Promise<Reply> asker, String... arguments) {
        Gathering gathering = open.get(destination);
        if (gathering == null) {
            gathering = new Gathering();
            open.put(destination, gathering);
            Gathering opened = gathering;
            redis.whenThisTurnEnds(() -> send(destination, opened));
        }
        gathering.add(asker, arguments);
        if (gathering.askers.size() == most) {
            send(destination, gathering);
        }
    }

    private void send(Destination destination, Gathering gathering) {
        if (open.remove(destination, gathering)) {
            manyAtOnce
                    .call(destination.script, destination.lane, gathering.arguments.toArray(String[]::new))
                    .onComplete(gathering::answer);
        }
    }

    private record Destination(Script script, Lane lane) {}

    private static final class Gathering {

        private final List<Promise<Reply>> askers = new ArrayList<>();
        private final List<String> arguments = new ArrayList<>();

        void add(Promise<Reply> asker, String... theirs) {
            askers.add(asker);
            arguments.addAll(List.of(theirs));
        }

        void answer(AsyncResult<List<Reply>> done) {
            for (int i = 0; i < askers.size(); i++) {
                if (done.failed()) {
                    askers.get(i).fail(done.cause());
                } else if (i < done.result().size()) {
                    askers.get(i).complete(done.result().get(i));
                } else {
                    askers.get(i).fail(new IllegalStateException("an answer is missing, after " + done.result()));
                }
            }
        }
    }
}
