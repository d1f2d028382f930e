package dev.holdfast.admin;

/** Ends the reading of a cell that says what cannot be; its message says what, for people. */
final class BadCell extends RuntimeException {

    private static final long serialVersionUID = 1L;

    BadCell(String reason) {
        super(reason, null, false, false);
    }
}
