package dev.holdfast.admin;

import java.util.function.Consumer;

/**
 * Adds up how far an import is. Each SKU of the file is some steps of work: it is adjusted where its capacity differs, stored in
 * PostgreSQL, and sent to Redis; the part of all steps that is done is told as that part of the file's rows.
 */
final class ImportMeter {

    private final int rows;
    private final Consumer<ImportProgress> told;
    private long steps;
    private long done;

    /** Tells nothing yet. */
    ImportMeter(int rows, Consumer<ImportProgress> told) {
        this.rows = rows;
        this.told = told;
    }

    /** From here on it is known how much there is to do. */
    void begin(long allSteps) {
        steps = allSteps;
        tell();
    }

    /** So many more are done, or need not be done. */
    void did(int more) {
        done += more;
        tell();
    }

    /** Everything is done. */
    void end() {
        done = steps;
        tell();
    }

    private void tell() {
        told.accept(
                new ImportProgress(steps == 0 ? rows : Math.toIntExact(rows * Math.min(done, steps) / steps), rows));
    }
}
