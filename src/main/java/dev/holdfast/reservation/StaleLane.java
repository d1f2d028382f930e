package dev.holdfast.reservation;

/** Redis does not have this life of the lane. Nothing was changed. */
public final class StaleLane extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** A word of the script, such as NO_LANE, tells which of both. */
    public StaleLane(Lane lane, String word) {
        super(word + " for lane " + lane, null, false, false);
    }
}
