package dev.holdfast.ledger;

import java.util.Locale;

/** Whose word counts where a lane is written anew. */
public enum RebuildSource {
    /** The books as they are. */
    POSTGRES,
    /** The books after everything was added to them that Redis knows and they do not. */
    REDIS;

    private final String word = name().toLowerCase(Locale.ROOT);

    /** As it stands in requests, answers and in PostgreSQL. */
    public String word() {
        return word;
    }
}
