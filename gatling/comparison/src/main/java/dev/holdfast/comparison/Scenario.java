package dev.holdfast.comparison;

import java.util.Locale;

/**
 * One measurement.
 *
 * @param activeHolds of the sale before it begins
 */
record Scenario(Kind kind, long activeHolds) {

    static final Scenario ONE_SKU = new Scenario(Kind.ONE_SKU, 0);
    static final Scenario MANY_SKUS = new Scenario(Kind.MANY_SKUS, 0);
    static final Scenario SOLD_OUT = new Scenario(Kind.SOLD_OUT, 0);
    static final Scenario SOLD_OUT_KEYLESS = new Scenario(Kind.SOLD_OUT_KEYLESS, 0);
    static final Scenario HALF_RATE = new Scenario(Kind.HALF_RATE, 0);

    /** What it asks. */
    enum Kind {
        /** All want the same SKU. */
        ONE_SKU(1),
        /** They want a thousand SKUs. */
        MANY_SKUS(1000),
        /** All want the same SKU, and many hold it already. */
        ACTIVE(1),
        /** The same in turn with few active holds, in one process. */
        FLAT(1),
        /** All want the same SKU, and it is gone. */
        SOLD_OUT(1),
        /** The same without an Idempotency-Key or a hold time of its own: any two such requests are alike. */
        SOLD_OUT_KEYLESS(1),
        /** All want the same SKU, at half the rate that the contender can do. */
        HALF_RATE(1);

        private final int skus;

        Kind(int skus) {
            this.skus = skus;
        }
    }

    static Scenario active(long holds) {
        return new Scenario(Kind.ACTIVE, holds);
    }

    static Scenario flat(long holds) {
        return new Scenario(Kind.FLAT, holds);
    }

    int skus() {
        return kind.skus;
    }

    /** Whether its answers are refusals, of all who sell. */
    boolean isSoldOut() {
        return kind == Kind.SOLD_OUT || kind == Kind.SOLD_OUT_KEYLESS;
    }

    /** Whether a bare answer can be asked it: it is the same load, whatever the answer. */
    boolean needsNoStock() {
        return activeHolds == 0;
    }

    /** Part of a sale's id. */
    String word() {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-') + (activeHolds == 0 ? "" : "-" + activeHolds);
    }
}
