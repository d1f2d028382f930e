package dev.holdfast.comparison.cost;

import dev.holdfast.comparison.check.Verdict;
import dev.holdfast.comparison.contender.HoldfastProcess;
import dev.holdfast.comparison.contender.Recording;
import dev.holdfast.comparison.load.ConfirmRequests;
import dev.holdfast.comparison.load.HoldRequests;
import dev.holdfast.comparison.load.Load;
import dev.holdfast.comparison.load.LoadGenerator;
import dev.holdfast.comparison.load.LoadResult;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Holds, and then confirms what was held. A phase's time is that of all script calls until all of it is recorded: those of the
 * recorder, the expirer and the audits count, too, and one call that takes many holds counts once.
 */
final class LifeMeasurement {

    private static final long CAPACITY = 100_000_000;

    private final HoldfastProcess holdfast;
    private final RedisView redis;
    private final int connections;
    private final Duration time;

    LifeMeasurement(HoldfastProcess holdfast, RedisView redis, int connections, Duration time) {
        this.holdfast = holdfast;
        this.redis = redis;
        this.connections = connections;
        this.time = time;
    }

    /** As fast as the answers come. */
    Lives rushed() throws IOException {
        return measure("lives-rushed", load -> load);
    }

    /** At a given rate. */
    Lives calm(double perSecond) throws IOException {
        return measure("lives-calm", load -> load.atRate(perSecond));
    }

    private Lives measure(String saleId, UnaryOperator<Load> pace) throws IOException {
        holdfast.openSale(saleId, 1, CAPACITY);
        HoldRequests requests = HoldRequests.keyed(saleId, holdfast.bearer(), 1);
        CommandTime before = redis.scripts();
        LoadResult held = LoadGenerator.run(pace.apply(Load.closed(holdfast.port(), requests, 0, connections, time)));
        Duration ignored = Recording.await(holdfast, saleId, held.accepted());
        CommandTime between = redis.scripts();

        long confirmed = confirm(saleId, pace);
        holdfast.awaitSold(saleId, confirmed);
        CommandTime holds = between.minus(before);
        CommandTime confirms = redis.scripts().minus(between);
        return new Lives(
                held.acceptedPerSecond(),
                (double) holds.micros() / held.accepted(),
                (double) confirms.micros() / confirmed,
                (double) holds.calls() / held.accepted(),
                (double) confirms.calls() / confirmed,
                Verdict.of(holdfast.books(saleId), held.accepted(), held.unknown()));
    }

    /** Confirms all that is held; answers how many that were. */
    private long confirm(String saleId, UnaryOperator<Load> pace) throws IOException {
        List<String> ids = holdfast.heldIds(saleId);
        ConfirmRequests requests = new ConfirmRequests(saleId, holdfast.bearer(), ids);
        Load load = Load.closed(holdfast.port(), requests, 0, connections, time).exactly(ids.size());
        LoadResult confirmed = LoadGenerator.run(pace.apply(load));
        if (confirmed.accepted() != ids.size()) {
            throw new IllegalStateException(
                    "confirming " + ids.size() + " reservations answered " + confirmed.answers());
        }
        return confirmed.accepted();
    }
}
