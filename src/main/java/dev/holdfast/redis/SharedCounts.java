package dev.holdfast.redis;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.StockCount;
import dev.holdfast.reservation.Unavailable;
import dev.holdfast.reservation.Unavailable.Reason;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Counts all SKUs of a lane for everyone who asks meanwhile, ten times a second at most: anyone may ask, as often as they like,
 * and counting thousands of SKUs keeps Redis from selling. Every answer is at least as new as its question, so that who has
 * just bought sees it. To be used on the event loop of its connection.
 */
final class SharedCounts {

    /** From the start of one count of a lane to the start of the next. */
    private static final long INTERVAL_MS = 100;

    /** Who asks for one count; as many as one connection has requests in flight. */
    private static final int MOST_ASKERS = 4_096;

    private final PinnedRedis redis;
    private final Function<Lane, Future<List<StockCount>>> counting;
    private final Map<Lane, List<Promise<List<StockCount>>>> askersOfTheNext = new HashMap<>();

    /** Counting must end, by a time-out if need be. */
    SharedCounts(PinnedRedis redis, Function<Lane, Future<List<StockCount>>> counting) {
        this.redis = redis;
        this.counting = counting;
    }

    /** Counts at once, or with the next count where one is under way or has just been. Fails as counting does. */
    Future<List<StockCount>> count(Lane lane) {
        List<Promise<List<StockCount>>> askers = askersOfTheNext.get(lane);
        if (askers == null) {
            return start(lane);
        }
        if (askers.size() >= MOST_ASKERS) {
            return Future.failedFuture(
                    new Unavailable(Reason.OVERLOADED, askers.size() + " wait for the counts of lane " + lane, null));
        }
        Promise<List<StockCount>> asker = redis.callerContext().promise();
        askers.add(asker);
        return asker.future();
    }

    /** A lane that nobody asks for is forgotten after one interval. */
    private Future<List<StockCount>> start(Lane lane) {
        askersOfTheNext.put(lane, new ArrayList<>());
        Future<List<StockCount>> counted = counting.apply(lane);
        Future.join(counted, redis.callerContext().timer(INTERVAL_MS, TimeUnit.MILLISECONDS))
                .onComplete(done -> startNext(lane));
        return counted;
    }

    private void startNext(Lane lane) {
        List<Promise<List<StockCount>>> askers = askersOfTheNext.remove(lane);
        if (askers != null && !askers.isEmpty()) {
            start(lane).onComplete(done -> askers.forEach(asker -> asker.handle(done)));
        }
    }
}
