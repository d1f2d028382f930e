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
 * To be used on the event loop of its connection.
 */
final class GatheredCalls {

    /** What is longer goes in several calls: Redis reads all arguments of a call in one step. One asker has less. */
    static final int MOST_CHARACTERS = 32_768;

    private final PinnedRedis redis;
    private final ManyAtOnce manyAtOnce;
    private final Map<Destination, Askers> gathered = new HashMap<>();

    /** One for each connection. Arguments of as many as the script takes are put one after the other. */
    GatheredCalls(PinnedRedis redis, ManyAtOnce manyAtOnce) {
        this.redis = redis;
        this.manyAtOnce = manyAtOnce;
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
        Askers askers = gathered.get(destination);
        if (askers != null && !askers.hasRoomFor(arguments)) {
            send(destination, askers);
            askers = null;
        }
        if (askers == null) {
            askers = new Askers();
            gathered.put(destination, askers);
            Askers first = askers;
            redis.whenThisTurnEnds(() -> send(destination, first));
        }
        askers.add(asker, arguments);
        if (askers.promises.size() == destination.script.mostAtOnce()) {
            send(destination, askers);
        }
    }

    /** At the end of the turn those may have gone already, because they were the most. */
    private void send(Destination destination, Askers askers) {
        if (gathered.remove(destination, askers)) {
            manyAtOnce
                    .call(destination.script, destination.lane, askers.arguments.toArray(String[]::new))
                    .onComplete(askers::answer);
        }
    }

    private record Destination(Script script, Lane lane) {}

    private static final class Askers {

        private final List<Promise<Reply>> promises = new ArrayList<>();
        private final List<String> arguments = new ArrayList<>();
        private int characters;

        boolean hasRoomFor(String... theirs) {
            return characters + length(theirs) <= MOST_CHARACTERS;
        }

        void add(Promise<Reply> asker, String... theirs) {
            promises.add(asker);
            arguments.addAll(List.of(theirs));
            characters += length(theirs);
        }

        private static int length(String... texts) {
            int length = 0;
            for (String text : texts) {
                length += text.length();
            }
            return length;
        }

        void answer(AsyncResult<List<Reply>> done) {
            for (int i = 0; i < promises.size(); i++) {
                if (done.failed()) {
                    promises.get(i).fail(done.cause());
                } else if (i < done.result().size()) {
                    promises.get(i).complete(done.result().get(i));
                } else {
                    promises.get(i).fail(new IllegalStateException("an answer is missing, after " + done.result()));
                }
            }
        }
    }
}
