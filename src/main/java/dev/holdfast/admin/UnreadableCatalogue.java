package dev.holdfast.admin;

/** Ends the reading of a file of which no row can be taken. */
final class UnreadableCatalogue extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient ImportOutcome outcome;

    UnreadableCatalogue(ImportOutcome outcome) {
        super(outcome.toString(), null, false, false);
        this.outcome = outcome;
    }

    ImportOutcome outcome() {
        return outcome;
    }
}
