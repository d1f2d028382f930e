package dev.holdfast.comparison;

import dev.holdfast.comparison.check.Proof;
import dev.holdfast.comparison.check.Verdict;
import dev.holdfast.comparison.contender.Contender;
import dev.holdfast.comparison.contender.Entry;
import dev.holdfast.comparison.contender.Recording;
import dev.holdfast.comparison.load.HoldRequests;
import dev.holdfast.comparison.load.Load;
import dev.holdfast.comparison.load.LoadGenerator;
import dev.holdfast.comparison.load.LoadResult;
import java.io.IOException;
import java.time.Duration;

/** One contender's turn in one round: each measurement on a sale of its own, and each sale checked. */
final class Turn {

    private static final long CAPACITY = 100_000_000;
    private static final String PROOF_SALE = "proof";

    /** Between first numbers of loads on the same sale: more than one can send. */
    private static final long NUMBERS = 100_000_000;

    private final Effort effort;
    private final Entry entry;
    private final Contender contender;

    Turn(Effort effort, Entry entry, Contender contender) {
        this.effort = effort;
        this.entry = entry;
        this.contender = contender;
    }

    /** Until the JVM has compiled what it will run. */
    void warmUp() throws IOException {
        Verdict verdict = new WarmUp(effort, contender).run();
        if (entry.sells() && !verdict.right()) {
            throw new IllegalStateException(entry.title() + " was wrong in its warm-up: " + verdict);
        }
    }

    /**
     * Measures one scenario.
     *
     * @param ratePerSecond for a load at half rate
     */
    Sample measure(Scenario scenario, int round, double ratePerSecond) throws IOException {
        String saleId = scenario.word();
        long before = open(scenario, saleId);
        if (scenario.isSoldOut()) {
            // Until here nobody was refused, so the way of a refusal is not compiled yet.
            LoadResult ignored = LoadGenerator.run(load(scenario, saleId, NUMBERS));
        }
        Load load = load(scenario, saleId, before);
        boolean halfRate = scenario.kind() == Scenario.Kind.HALF_RATE;
        return sample(scenario, round, saleId, before, halfRate ? load.atRate(ratePerSecond) : load);
    }

    /** Puts a sale with that many holds up; answers how many it has. */
    long openWith(long holds, String saleId) {
        contender.openSale(saleId, 1, CAPACITY);
        long made = contender.prefill(saleId, holds);
        Duration ignored = Recording.await(contender, saleId, made);
        return made;
    }

    /** Measures a scenario on a sale that was measured before, with the holds that it has by now. */
    Sample measureAgain(Scenario scenario, int round, String saleId) throws IOException {
        long before = contender.recorded(saleId);
        return sample(scenario, round, saleId, before, load(scenario, saleId, round * NUMBERS));
    }

    private Load load(Scenario scenario, String saleId, long firstNumber) {
        HoldRequests requests = scenario.kind() == Scenario.Kind.SOLD_OUT_KEYLESS
                ? HoldRequests.keyless(saleId, contender.bearer(), scenario.skus())
                : HoldRequests.keyed(saleId, contender.bearer(), scenario.skus());
        return Load.closed(contender.port(), requests, firstNumber, effort.connections(), effort.time());
    }

    private Sample sample(Scenario scenario, int round, String saleId, long before, Load load) throws IOException {
        Duration cpuBefore = contender.process().cpu();
        long startNanos = System.nanoTime();
        LoadResult result = LoadGenerator.run(load);
        long recorded = entry.sells() ? contender.recorded(saleId) - before : 0;
        double secondsToRecord = (System.nanoTime() - startNanos) / 1e9;
        Duration cpu = contender.process().cpu().minus(cpuBefore);
        Duration backlog =
                entry.sells() ? Recording.await(contender, saleId, before + result.accepted()) : Duration.ZERO;
        boolean refuses = entry.sells() && scenario.isSoldOut();
        return new Sample(
                entry,
                scenario,
                round,
                new Sample.Pace(
                        result.seconds(),
                        refuses ? result.refusedPerSecond() : result.acceptedPerSecond(),
                        cpu.toNanos() / 1000.0 / result.answered()),
                Sample.Latency.of(result),
                result.others(),
                new Sample.Recorded(recorded / secondsToRecord, backlog.toNanos() / 1e9),
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
        if (scenario.isSoldOut()) {
            contender.openSale(saleId, 1, 1);
            Load lastUnit = Load.closed(contender.port(), contender.requests(saleId, 1), 0, 1, Duration.ZERO)
                    .exactly(1);
            LoadResult bought = LoadGenerator.run(lastUnit);
            if (bought.accepted() != 1) {
                throw new IllegalStateException("the last unit could not be had: " + bought.answers());
            }
            return 1;
        }
        if (scenario.activeHolds() > 0) {
            return openWith(scenario.activeHolds(), saleId);
        }
        contender.openSale(saleId, scenario.skus(), CAPACITY);
        return 0;
    }

    private Verdict verdict(String saleId, long acknowledged, long unknown) {
        return entry.sells() ? Verdict.of(contender.books(saleId), acknowledged, unknown) : Verdict.RIGHT;
    }
}
