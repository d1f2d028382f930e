package dev.holdfast.ledger;

/** How an import under an Idempotency-Key stands. */
public sealed interface ImportStanding {

    /** It is the caller's to do. */
    record Claimed(ImportClaim claim) implements ImportStanding {}

    /** It is the caller's to bring to its end: PostgreSQL has it all, Redis may not yet. */
    record ClaimedStored(ImportClaim claim, String report) implements ImportStanding {}

    /**
     * Somebody else is at it.
     *
     * @param rowsDone how far, as a number of its rows
     * @param rows all of its rows; 0 while that is not known
     */
    record Running(int rowsDone, int rows) implements ImportStanding {}

    /** It was answered with this report. */
    record Done(String report) implements ImportStanding {}

    /** The key was used for another file, or for the same with another dryRun. */
    record OtherFile() implements ImportStanding {}
}
