package dev.holdfast.comparison;

import dev.holdfast.comparison.check.Verdict;
import dev.holdfast.comparison.contender.Contender;
import dev.holdfast.comparison.contender.Entry;
import dev.holdfast.comparison.contender.HoldfastProcess;
import dev.holdfast.comparison.cost.DiskSync;
import dev.holdfast.comparison.cost.LifeCost;
import dev.holdfast.comparison.cost.MemoryCost;
import dev.holdfast.comparison.cost.RedisView;
import dev.holdfast.comparison.server.PostgresServer;
import java.io.IOException;
import java.io.PrintStream;

/** Runs the same load on every contender in turn, round after round, and writes what came of it. */
public final class Comparison {

    private static final PrintStream OUT = System.out;

    private final Plan plan;
    private final Results results = new Results();

    private Comparison(Plan plan) {
        this.plan = plan;
    }

    /** Ends with status 1 if anybody sold a unit twice, lost one, or did one thing twice. */
    public static void main(String[] args) throws IOException {
        Plan plan = Plan.fromProperties();
        plan.cast().requireJars();
        plan.output().requireMarks();
        Comparison comparison = new Comparison(plan);
        boolean complete = false;
        try (PostgresServer postgres = PostgresServer.start()) {
            for (int round = 1; round <= plan.effort().rounds(); round++) {
                comparison.run(round, postgres);
            }
            complete = true;
        } finally {
            // What was measured before something broke is worth keeping, too, but not worth showing.
            new Report(plan, comparison.results).write();
            new Summary(plan, comparison.results).write(complete);
            OUT.println("written: " + plan.output().report());
        }
        if (!comparison.results.allRight()) {
            OUT.println("WRONG: see the checks in the report");
            System.exit(1);
        }
    }

    private void run(int round, PostgresServer postgres) throws IOException {
        for (Entry entry : plan.turns(round)) {
            OUT.printf("round %d of %d: %s%n", round, plan.effort().rounds(), entry.title());
            Cast.Build build = plan.cast().build(entry);
            try (Contender contender = entry.start(build.jvm(), build.jar(), postgres)) {
                Turn turn = new Turn(plan.effort(), entry, contender);
                turn.warmUp();
                for (Scenario scenario : plan.scenarios(entry)) {
                    keep(turn.measure(scenario, round, results.halfRate(entry)));
                }
                prove(entry, turn);
                if (contender instanceof HoldfastProcess holdfast) {
                    measureCosts(entry, holdfast, turn, round);
                }
                results.addResident(entry, contender.process().mostResidentBytes());
            }
        }
    }

    private void prove(Entry entry, Turn turn) {
        Verdict proof = turn.prove();
        results.addCheck(entry, proof);
        OUT.printf("  %-22s %s%n", "every key three times", proof.right() ? "right" : proof);
    }

    /** What takes minutes, or is the same every time, is measured in the first round only. */
    private void measureCosts(Entry entry, HoldfastProcess holdfast, Turn turn, int round) throws IOException {
        DiskSync sync = DiskSync.measure(plan.effort().time());
        results.add(sync);
        OUT.printf("  %-22s p50 %7.2f  p99 %7.2f ms%n", "one fsync", sync.p50(), sync.p99());
        LifeCost life = LifeCost.measure(
                holdfast, plan.effort().connections(), plan.effort().time());
        results.add(entry, life);
        OUT.printf(
                "  %-22s hold %.2f us, confirm %.2f us, HINCRBY %.3f us (pipelined %.3f us): %.1f HINCRBYs (pipelined %.1f, at half rate %.1f)%n",
                "redis time of a life",
                life.rushed().holdMicros(),
                life.rushed().confirmMicros(),
                life.incrementMicros(),
                life.pipelinedIncrementMicros(),
                life.ratio(),
                life.pipelinedRatio(),
                life.calmRatio());
        if (round > 1) {
            return;
        }
        if (plan.levels().memory() > 0) {
            MemoryCost memory = MemoryCost.measure(holdfast, plan.levels().memory());
            results.add(entry, memory);
            OUT.printf(
                    "  %-22s %.0f bytes a hold, %.0f a ledger entry, %.0f of used_memory a hold%n",
                    "redis memory", memory.hold().bytes(), memory.perEntry(), memory.usedMemoryPerHold());
        }
        if (plan.levels().flat() > 0 && entry == Entry.HOLDFAST) {
            measureFlat(holdfast, turn);
        }
    }

    /** Many active holds and few in turn, as often as there are rounds, because the many take minutes to make. */
    private void measureFlat(HoldfastProcess holdfast, Turn turn) throws IOException {
        Scenario many = Scenario.flat(plan.levels().flat());
        Scenario few = Scenario.flat(Levels.FEW);
        OUT.printf("  %,d active holds%n", turn.openWith(many.activeHolds(), many.word()));
        try (RedisView redis = new RedisView(holdfast.redis().uri())) {
            for (int time = 1; time <= plan.effort().rounds(); time++) {
                String fewId = few.word() + "-" + time;
                long ignored = turn.openWith(few.activeHolds(), fewId);
                redis.awaitRewritten();
                keep(turn.measureAgain(few, time, fewId));
                redis.awaitRewritten();
                keep(turn.measureAgain(many, time, many.word()));
            }
        }
    }

    private void keep(Sample sample) {
        results.add(sample);
        OUT.printf(
                "  %-22s %,9.0f/s  p50 %7.2f  p99 %7.2f  p99.9 %7.2f ms  cpu %5.1f us  recorded %,9.0f/s, backlog gone in %.2f s%s%s%n",
                sample.scenario().word(),
                sample.perSecond(),
                sample.latency().p50(),
                sample.latency().p99(),
                sample.latency().p999(),
                sample.pace().cpuMicros(),
                sample.recorded().perSecond(),
                sample.recorded().backlogSeconds(),
                sample.others() == 0 ? "" : "  other answers: " + sample.others(),
                sample.verdict().right() ? "" : "  WRONG: " + sample.verdict());
    }
}
