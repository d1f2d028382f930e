package dev.holdfast.comparison.cost;

import dev.holdfast.comparison.check.Verdict;
import dev.holdfast.comparison.contender.HoldfastProcess;
import dev.holdfast.comparison.load.IncrementRequests;
import dev.holdfast.comparison.load.Load;
import dev.holdfast.comparison.load.LoadGenerator;
import dev.holdfast.comparison.load.LoadResult;
import java.io.IOException;
import java.time.Duration;

/**
 * What a reservation's life takes of Redis' time, by INFO commandstats, beside what one HINCRBY takes of the same Redis.
 *
 * @param rushed under the closed loop
 * @param calm at half of that rate: Redis' clock runs on while Redis waits for a core, and here it seldom has to
 * @param incrementMicros one HINCRBY, asked by as many connections as the holds, one at a time each
 * @param pipelinedIncrementMicros one HINCRBY of many that were sent together
 */
public record LifeCost(Lives rushed, Lives calm, double incrementMicros, double pipelinedIncrementMicros) {

    private static final int PIPELINED = 100;

    /** Hold and confirm in HINCRBYs, as a client sees them. */
    public double ratio() {
        return rushed.micros() / incrementMicros;
    }

    /** The same in HINCRBYs that were sent together: those find all they need in the processor's caches. */
    public double pipelinedRatio() {
        return rushed.micros() / pipelinedIncrementMicros;
    }

    /** As {@link #ratio}, at half rate. */
    public double calmRatio() {
        return calm.micros() / incrementMicros;
    }

    /** What the checks say of the sales that it was measured on. */
    public Verdict verdict() {
        return rushed.verdict().plus(calm.verdict());
    }

    /** Measures it on sales of its own. */
    public static LifeCost measure(HoldfastProcess holdfast, int connections, Duration time) throws IOException {
        try (RedisView redis = new RedisView(holdfast.redis().uri())) {
            double increment = increments(redis, holdfast, 1, connections, time);
            double pipelinedIncrement = increments(redis, holdfast, PIPELINED, connections, time);
            redis.delete(IncrementRequests.KEY);
            LifeMeasurement lives = new LifeMeasurement(holdfast, redis, connections, time);
            Lives rushed = lives.rushed();
            return new LifeCost(rushed, lives.calm(rushed.holdsPerSecond() / 2), increment, pipelinedIncrement);
        }
    }

    private static double increments(
            RedisView redis, HoldfastProcess holdfast, int together, int connections, Duration time)
            throws IOException {
        CommandTime start = redis.increments();
        LoadResult ignored = LoadGenerator.run(
                Load.closed(holdfast.redis().port(), new IncrementRequests(together), 0, connections, time));
        return redis.increments().minus(start).perCall();
    }
}
