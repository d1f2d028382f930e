package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * All faults for as long as wanted, and a report: {@code mvn verify -Pfaults [-Dseed=..] [-Dminutes=..] [-Dplanted=..]}. A planted bug, by
 * the name of a constant of {@link PlantedBug}, must make it fail.
 */
class FaultRun {

    private static final int FAULTS_OF_A_ROUND = 5;

    @Test
    void everyPromiseIsKeptForAsLongAsWanted(@TempDir Path folder) {
        long seed = Storm.seed();
        String planted = System.getProperty("holdfast.faults.planted", "").strip();
        Duration length = Duration.ofMinutes(Long.getLong("holdfast.faults.minutes", 5));
        Path file = Path.of(System.getProperty("holdfast.faults.report", "target/faults-report.md"));
        AlteredProgram program = new AlteredProgram();
        if (!planted.isEmpty()) {
            PlantedBug bug = PlantedBug.valueOf(planted);
            program = bug.plantedIn(bug.environment(program));
        }
        FaultReport report = new FaultReport(seed, planted);
        long end = System.nanoTime() + length.toNanos();

        try (FaultTown town = FaultTown.start(program, folder)) {
            FaultStorm storm = new FaultStorm(town, report, seed);
            do {
                storm.round(FAULTS_OF_A_ROUND);
            } while (System.nanoTime() - end < 0 && report.broken().isEmpty());
        } catch (RuntimeException | AssertionError failure) {
            report.broke(failure);
            throw failure;
        } finally {
            report.write(file);
            System.out.println(report.text());
        }

        assertThat(report.broken()).as("seed %d, see %s", seed, file).isEmpty();
    }
}
