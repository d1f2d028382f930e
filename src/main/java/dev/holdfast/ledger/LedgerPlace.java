package dev.holdfast.ledger;

/** Where an entry stands in its lane's ledger. */
public record LedgerPlace(long epoch, long seq) {

    /** As Redis names it. */
    @Override
    public String toString() {
        return epoch + "-" + seq;
    }
}
