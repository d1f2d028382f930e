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
    static final Scenario HALF_RATE = new Scenario(Kind.HALF_RATE, 0);

    /** What it asks. */
    enum Kind {
        /** All want the same SKU. */
        ONE_SKU(1),
        /** They want a thousand SKUs. */
        MANY_SKUS(1000),
        /** All want the same SKU, and many hold it already. */
        ACTIVE(1),
        /** All want the same SKU, and it is gone. */
        SOLD_OUT(1),
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

    int skus() {
        return kind.skus;
    }

    /** Whether it asks nothing that depends on what was sold before: all that a bare answer can be asked. */
    boolean needsNoStock() {
        return kind != Kind.ACTIVE && kind != Kind.SOLD_OUT;
    }

    /** Part of a sale's id. */
    String word() {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-') + (activeHolds == 0 ? "" : "-" + activeHolds);
    }
}
