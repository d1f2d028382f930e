package dev.holdfast.comparison;

import dev.holdfast.comparison.check.Verdict;
import dev.holdfast.comparison.contender.Contender;
import dev.holdfast.comparison.contender.Entry;
import dev.holdfast.comparison.server.PostgresServer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;

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
        if (plan.entries().contains(Entry.HOLDFAST) && !Files.exists(plan.holdfastJar())) {
            throw new IllegalStateException(
                    plan.holdfastJar() + " is missing: build it with mvn -DskipTests package in the project's folder");
        }
        Comparison comparison = new Comparison(plan);
        try (PostgresServer postgres = PostgresServer.start()) {
            for (int round = 1; round <= plan.rounds(); round++) {
                comparison.run(round, postgres);
            }
        } finally {
            // What was measured before something broke is worth keeping, too.
            new Report(plan, comparison.results).write();
            OUT.println("written: " + plan.report());
        }
        if (!comparison.results.allRight()) {
            OUT.println("WRONG: see the checks in the report");
            System.exit(1);
        }
    }

    private void run(int round, PostgresServer postgres) throws IOException {
        for (Entry entry : plan.entries()) {
            OUT.printf("round %d of %d: %s%n", round, plan.rounds(), entry.title());
            try (Contender contender = entry.start(plan.jvm(), plan.holdfastJar(), postgres)) {
                Turn turn = new Turn(plan, entry, contender, round);
                turn.warmUp();
                measureAll(entry, turn, round);
                Verdict proof = turn.prove();
                results.addProof(entry, proof);
                OUT.printf("  %-22s %s%n", "every key three times", proof.right() ? "right" : proof);
            }
        }
    }

    private void measureAll(Entry entry, Turn turn, int round) throws IOException {
        for (Scenario scenario : plan.scenarios()) {
            if (entry.sells() || scenario.needsNoStock()) {
                Sample sample = turn.measure(scenario, results.halfRate(entry, round));
                results.add(sample);
                print(sample);
            }
        }
    }

    private static void print(Sample sample) {
        OUT.printf(
                "  %-22s %,9.0f/s  p50 %7.2f  p99 %7.2f  p99.9 %7.2f ms  recorded %,9.0f/s, backlog gone in %.2f s%s%s%n",
                sample.scenario().word(),
                sample.perSecond(),
                sample.latency().p50(),
                sample.latency().p99(),
                sample.latency().p999(),
                sample.recordedPerSecond(),
                sample.backlogSeconds(),
                sample.others() == 0 ? "" : "  other answers: " + sample.others(),
                sample.verdict().right() ? "" : "  WRONG: " + sample.verdict());
    }
}
