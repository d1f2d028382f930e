package dev.holdfast.admin.inspection;

import java.util.Locale;

/** Whom a person believes where a repair cannot tell by itself what a reservation is. */
public enum RepairSource {
    /** The last entry in the ledger of PostgreSQL that can be believed. */
    LEDGER,
    /** The row of PostgreSQL. */
    ROW,
    /** Redis. */
    REDIS;

    private final String word = name().toLowerCase(Locale.ROOT);

    /** As it stands in requests. */
    public String word() {
        return word;
    }
}
