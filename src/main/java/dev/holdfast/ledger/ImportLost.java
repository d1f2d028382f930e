package dev.holdfast.ledger;

/** The lease of an import ran out and a later attempt at it goes on: this one changes nothing any more. */
public final class ImportLost extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ImportLost(ImportClaim claim) {
        super("another attempt at " + claim + " goes on", null, false, false);
    }
}
