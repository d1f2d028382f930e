package dev.holdfast.ledger;

/** Units would be counted that nobody put up, or put up twice: as grave as a violation of stock_adds_up. */
final class BooksDoNotAddUp extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** The message names the SKUs. */
    BooksDoNotAddUp(String message) {
        super(message, null, false, false);
    }
}
