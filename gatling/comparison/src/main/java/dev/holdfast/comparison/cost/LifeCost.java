package dev.holdfast.comparison.cost;

import dev.holdfast.comparison.check.Verdict;
import dev.holdfast.comparison.contender.HoldfastProcess;
import dev.holdfast.comparison.contender.Recording;
import dev.holdfast.comparison.load.ConfirmRequests;
import dev.holdfast.comparison.load.HoldRequests;
import dev.holdfast.comparison.load.IncrementRequests;
import dev.holdfast.comparison.load.Load;
import dev.holdfast.comparison.load.LoadGenerator;
import dev.holdfast.comparison.load.LoadResult;
import dev.holdfast.comparison.load.Requests;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * What a reservation's life takes of Redis' time, in microseconds, by INFO commandstats. All script calls of a phase count, until
 * all of it is recorded: those of the recorder, the expirer and the audits, too.
 *
 * @param hold script time for each hold that was accepted
 * @param confirm script time for each reservation that was confirmed
 * @param callsPerHold script calls for each hold that was accepted: below 1 where one call takes many
 * @param increment one HINCRBY, asked by as many connections as the holds, one at a time each
 * @param pipelinedIncrement one HINCRBY of many that were sent together
 */
public record LifeCost(
        double hold,
        double confirm,
        double callsPerHold,
        double callsPerConfirm,
        double increment,
        double pipelinedIncrement,
        Verdict verdict) {

    private static final String SALE = "lives";
    private static final long CAPACITY = 100_000_000;
    private static final int PIPELINED = 100;

    /** Hold and confirm in HINCRBYs, as a client sees them. */
    public double ratio() {
        return (hold + confirm) / increment;
    }

    /** The same in HINCRBYs that were sent together: those find all they need in the processor's caches. */
    public double pipelinedRatio() {
        return (hold + confirm) / pipelinedIncrement;
    }

    /** Measures it on a sale of its own. */
    public static LifeCost measure(HoldfastProcess holdfast, int connections, Duration time) throws IOException {
        holdfast.openSale(SALE, 1, CAPACITY);
        try (RedisView redis = new RedisView(holdfast.redis().uri())) {
            double increment = increments(redis, holdfast, 1, connections, time);
            double pipelinedIncrement = increments(redis, holdfast, PIPELINED, connections, time);
            redis.delete(IncrementRequests.KEY);

            CommandTime start = redis.scripts();
            Requests requests = HoldRequests.keyed(SALE, holdfast.bearer(), 1);
            LoadResult held = LoadGenerator.run(Load.closed(holdfast.port(), requests, 0, connections, time));
            Duration ignored = Recording.await(holdfast, SALE, held.accepted());
            CommandTime heldAll = redis.scripts();

            LoadResult confirmed = confirm(holdfast, connections);
            holdfast.awaitSold(SALE, confirmed.accepted());
            CommandTime holds = heldAll.minus(start);
            CommandTime confirms = redis.scripts().minus(heldAll);
            return new LifeCost(
                    (double) holds.micros() / held.accepted(),
                    (double) confirms.micros() / confirmed.accepted(),
                    (double) holds.calls() / held.accepted(),
                    (double) confirms.calls() / confirmed.accepted(),
                    increment,
                    pipelinedIncrement,
                    Verdict.of(holdfast.books(SALE), held.accepted(), held.unknown()));
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

    private static LoadResult confirm(HoldfastProcess holdfast, int connections) throws IOException {
        List<String> ids = holdfast.heldIds(SALE);
        Requests requests = new ConfirmRequests(SALE, holdfast.bearer(), ids);
        LoadResult confirmed = LoadGenerator.run(Load.closed(holdfast.port(), requests, 0, connections, Duration.ZERO)
                .exactly(ids.size()));
        if (confirmed.accepted() != ids.size()) {
            throw new IllegalStateException(
                    "confirming " + ids.size() + " reservations answered " + confirmed.answers());
        }
        return confirmed;
    }
}
