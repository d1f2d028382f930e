package dev.holdfast.ledger;

/**
 * What became of the end of a sealed lane's ledger.
 *
 * @param recordedSeq how far it is recorded now
 * @param putAside entries that the books could not take: they are dead letters
 * @param gapBefore the seq of the first entry behind a gap, which was not touched; 0 where there is no gap
 */
public record Salvaged(long recordedSeq, long putAside, long gapBefore) {

    /** The same after another pass. */
    Salvaged plus(Salvaged later) {
        return new Salvaged(later.recordedSeq, putAside + later.putAside, later.gapBefore);
    }
}
