package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A short run of what {@code mvn verify -Pfaults} does for as long as wanted. */
class FaultStormTest {

    /** A sale that begins after Redis's clock was moved goes by that clock, which is not the clock of its nodes. */
    @Test
    void whatIsPutBackAfterALossEndsByTheClockOfRedis(@TempDir Path folder) {
        long seed = Storm.seed();
        FaultReport report = new FaultReport(seed, "");

        try (FaultTown town = FaultTown.start(new AlteredProgram(), folder)) {
            FaultStorm storm = new FaultStorm(town, report, seed);
            storm.round(List.of(Injection.CLOCK_FORWARD));
            storm.round(List.of(Injection.REDIS_EMPTIED));
        }

        System.out.println(report.text());
        assertThat(report.broken()).as("seed %d: %s", seed, report.text()).isEmpty();
    }

    @Test
    void everyPromiseIsKeptWhileServersNodesAndClocksFail(@TempDir Path folder) {
        long seed = Storm.seed();
        FaultReport report = new FaultReport(seed, "");

        try (FaultTown town = FaultTown.start(new AlteredProgram(), folder)) {
            new FaultStorm(town, report, seed)
                    .round(List.of(
                            Injection.CLOCK_FORWARD,
                            Injection.NODE_KILLED,
                            Injection.POSTGRES_KILLED,
                            Injection.ANSWERS_OF_REDIS_LOST,
                            Injection.CLOCK_BACK));
        }

        System.out.println(report.text());
        assertThat(report.broken()).as("seed %d: %s", seed, report.text()).isEmpty();
    }
}
