package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.Settings;
import dev.holdfast.scenario.SaleStorm.Kind;
import dev.holdfast.support.Api;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/** Rounds of storms in a town that breaks: which faults meet which sale is up to the seed. */
final class FaultStorm {

    private static final int CLIENTS = 12;
    private static final int ROUNDS_TO_A_LOSS = 3;

    /** Ended reservations leave Redis after a day: contract, Idempotency-Key. */
    private static final long MORE_THAN_A_DAY_SECONDS = 25 * 3600L;

    private static final List<Kind> KINDS = List.of(Kind.LONG, Kind.LARGE_LONG, Kind.ORDINARY_LONG);

    private final FaultTown town;
    private final FaultReport report;
    private final Random dice;
    private final long seed;
    private final Deque<Injection> deck = new ArrayDeque<>();
    private int rounds;

    FaultStorm(FaultTown town, FaultReport report, long seed) {
        this.town = town;
        this.report = report;
        this.seed = seed;
        this.dice = new Random(seed);
    }

    /** A sale in which so many faults come, one after the other, or in which Redis loses its past; every fault comes once before one comes again. */
    void round(int faults) {
        if (rounds % ROUNDS_TO_A_LOSS == ROUNDS_TO_A_LOSS - 1) {
            round(List.of(Injection.LOSSES.get(rounds / ROUNDS_TO_A_LOSS % Injection.LOSSES.size())));
            return;
        }
        List<Injection> injections = new ArrayList<>();
        for (int i = 0; i < faults; i++) {
            injections.add(next());
        }
        round(injections);
    }

    /** A sale in which these come. */
    void round(List<Injection> injections) {
        FaultLog faults = new FaultLog();
        Kind kind = KINDS.get(rounds % KINDS.size());
        try (MachinePulse pulse = town.pulse(faults);
                SaleStorm storm = new SaleStorm(town.town(), kind, seed + rounds)) {
            rounds++;
            storm.begin(CLIENTS);
            if (Collections.disjoint(injections, Injection.LOSSES)) {
                // What an admin was told before a loss may be lost, too, and is not forgiven.
                storm.steer();
            }
            storm.observe();
            storm.awaitHealed();
            for (Injection injection : injections) {
                int node = dice.nextInt(town.nodes.size());
                System.out.printf("round %d: %s, node %d%n", rounds, injection, node);
                injection.injectAndLog(town, storm, node, faults);
            }
            storm.end();
            pulse.end();
            storm.settle();
            Evidence evidence = storm.evidence();
            Violations violations =
                    HistoryChecker.check(evidence, Settings.Rush.usual().nearCache());
            new LivenessCheck(faults, violations).check(evidence);
            report.add(faults, evidence, violations);
            if (kind.rehearsal() && violations.found().isEmpty()) {
                outliveRedis(storm, evidence);
            }
        }
    }

    /** More than a day later Redis has forgotten all that ended, and PostgreSQL answers for it. */
    private void outliveRedis(SaleStorm storm, Evidence evidence) {
        Api api = town.nodes.get(dice.nextInt(town.nodes.size())).api();
        Api.patiently(() -> api.advanceClock(storm.saleId(), MORE_THAN_A_DAY_SECONDS))
                .must(200);
        await().until(() -> storm.lane().state().holds().isEmpty());
        evidence.books().reservations().entrySet().stream().limit(20).forEach(row -> {
            Api.Answer found = Api.patiently(() -> api.reservation(storm.saleId(), row.getKey()))
                    .must(200);
            assertThat(found.text("state")).isEqualTo(row.getValue().state());
            assertThat(found.body().path("recorded").asBoolean()).isTrue();
        });
    }

    private Injection next() {
        if (deck.isEmpty()) {
            List<Injection> all = new ArrayList<>(List.of(Injection.values()));
            all.removeAll(Injection.LOSSES);
            Collections.shuffle(all, dice);
            deck.addAll(all);
        }
        return deck.pop();
    }
}
