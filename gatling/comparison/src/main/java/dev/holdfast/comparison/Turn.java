package dev.holdfast.comparison;

import dev.holdfast.comparison.check.Proof;
import dev.holdfast.comparison.check.Verdict;
import dev.holdfast.comparison.contender.Contender;
import dev.holdfast.comparison.contender.Entry;
import dev.holdfast.comparison.contender.Recording;
import dev.holdfast.comparison.load.Load;
import dev.holdfast.comparison.load.LoadGenerator;
import dev.holdfast.comparison.load.LoadResult;
import java.io.IOException;
import java.time.Duration;

/** One contender's turn in one round: each measurement on a sale of its own, and each sale checked. */
final class Turn {

    private static final long CAPACITY = 100_000_000;
    private static final String PROOF_SALE = "proof";
    private static final String WARM_SALE = "warm-up";
    private static final long FIRST_NUMBER_OF_SECOND_HALF = 1_000_000_000;

    private final Plan plan;
    private final Entry entry;
    private final Contender contender;
    private final int round;

    Turn(Plan plan, Entry entry, Contender contender, int round) {
        this.plan = plan;
        this.entry = entry;
        this.contender = contender;
        this.round = round;
    }

    /**
     * Lets the JVM compile what it will run. Over many SKUs first: waiting for one row or lock, some designs would do too little
     * to be compiled.
     */
    void warmUp() throws IOException {
        contender.openSale(WARM_SALE, Scenario.MANY_SKUS.skus(), CAPACITY);
        LoadResult many = warmUp(Scenario.MANY_SKUS.skus(), 0);
        LoadResult one = warmUp(1, FIRST_NUMBER_OF_SECOND_HALF);
        Verdict verdict = verdict(WARM_SALE, many.accepted() + one.accepted(), many.unknown() + one.unknown());
        if (!verdict.right()) {
            throw new IllegalStateException(entry.title() + " was wrong in its warm-up: " + verdict);
        }
    }

    private LoadResult warmUp(int skus, long firstNumber) throws IOException {
        return LoadGenerator.run(Load.closed(
                contender.port(),
                contender.requests(WARM_SALE, skus),
                firstNumber,
                plan.connections(),
                plan.warmUp().dividedBy(2)));
    }

    /**
     * Measures one scenario.
     *
     * @param ratePerSecond for a load at half rate
     */
    Sample measure(Scenario scenario, double ratePerSecond) throws IOException {
        String saleId = scenario.word();
        long before = open(scenario, saleId);
        Load load = Load.closed(
                contender.port(), contender.requests(saleId, scenario.skus()), before, plan.connections(), plan.time());
        long startNanos = System.nanoTime();
        LoadResult result =
                LoadGenerator.run(scenario.kind() == Scenario.Kind.HALF_RATE ? load.atRate(ratePerSecond) : load);
        long recorded = contender.recorded(saleId) - before;
        double secondsToRecord = (System.nanoTime() - startNanos) / 1e9;
        Duration backlog =
                entry.sells() ? Recording.await(contender, saleId, before + result.accepted()) : Duration.ZERO;
        double perSecond =
                scenario.kind() == Scenario.Kind.SOLD_OUT ? result.refusedPerSecond() : result.acceptedPerSecond();
        return new Sample(
                entry,
                scenario,
                round,
                result.seconds(),
                perSecond,
                new Sample.Latency(
                        result.latencyMs(50), result.latencyMs(99), result.latencyMs(99.9), result.latencyMs(100)),
                result.others(),
                recorded / secondsToRecord,
                backlog.toNanos() / 1e9,
                verdict(saleId, before + result.accepted(), result.unknown()));
    }

    /** Sells a small sale to the last unit, every request three times. */
    Verdict prove() {
        if (!entry.sells()) {
            return Verdict.RIGHT;
        }
        contender.openSale(PROOF_SALE, 1, Proof.CAPACITY);
        return Proof.of(contender.port(), contender.bearer(), PROOF_SALE, () -> contender.books(PROOF_SALE));
    }

    /** Puts the sale up; answers how many holds it has then. */
    private long open(Scenario scenario, String saleId) throws IOException {
        boolean soldOut = scenario.kind() == Scenario.Kind.SOLD_OUT;
        contender.openSale(saleId, scenario.skus(), soldOut ? 1 : CAPACITY);
        if (soldOut) {
            Load lastUnit = Load.closed(contender.port(), contender.requests(saleId, 1), 0, 1, Duration.ZERO)
                    .exactly(1);
            LoadResult bought = LoadGenerator.run(lastUnit);
            if (bought.accepted() != 1) {
                throw new IllegalStateException("the last unit could not be had: " + bought.answers());
            }
            return 1;
        }
        if (scenario.activeHolds() > 0) {
            contender.prefill(saleId, scenario.activeHolds());
            Duration ignored = Recording.await(contender, saleId, scenario.activeHolds());
        }
        return scenario.activeHolds();
    }

    private Verdict verdict(String saleId, long acknowledged, long unknown) {
        return entry.sells() ? Verdict.of(contender.books(saleId), acknowledged, unknown) : Verdict.RIGHT;
    }
}
