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
 * Makes one call of all that ask the same script about the same lane while the call before is under way, or in one turn of the
 * event loop where none is: a call costs more than what it does for one. Waiting for the call before costs nobody time: Redis answers
 * one call after the other, and everything of one turn of its own after one fsync. To be used on the event loop of its connection.
 */
final class GatheredCalls {

    private final PinnedRedis redis;
    private final ManyAtOnce manyAtOnce;
    private final int most;
    private final Map<Destination, Gathering> gatherings = new HashMap<>();

    /** One for each connection. Arguments of at most so many are put one after the other. */
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
        Gathering gathering = gatherings.get(destination);
        if (gathering == null) {
            gathering = new Gathering();
            gatherings.put(destination, gathering);
            redis.whenThisTurnEnds(() -> sendNext(destination));
        }
        gathering.next.add(asker, arguments);
        if (gathering.next.askers.size() == most) {
            send(destination, gathering);
        }
    }

    /** What came meanwhile is sent; a destination that nobody asks any more is forgotten. */
    private void sendNext(Destination destination) {
        Gathering gathering = gatherings.get(destination);
        if (gathering == null || gathering.underWay > 0) {
            return;
        }
        if (gathering.next.askers.isEmpty()) {
            gatherings.remove(destination);
        } else {
            send(destination, gathering);
        }
    }

    private void send(Destination destination, Gathering gathering) {
        Askers these = gathering.next;
        gathering.next = new Askers();
        gathering.underWay++;
        manyAtOnce
                .call(destination.script, destination.lane, these.arguments.toArray(String[]::new))
                .onComplete(done -> {
                    gathering.underWay--;
                    these.answer(done);
                    sendNext(destination);
                });
    }

    private record Destination(Script script, Lane lane) {}

    /** One for each destination that is asked. */
    private static final class Gathering {
        private Askers next = new Askers();
        private int underWay;
    }

    private static final class Askers {

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
