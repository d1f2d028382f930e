package dev.holdfast.reservation;

/** Redis, or PostgreSQL, does not have this life of the lane. Nothing was changed. */
public final class StaleLane extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param why for people, as the end of a sentence about the lane */
    public StaleLane(Lane lane, String why) {
        super("lane " + lane + ": " + why, null, false, false);
    }

    /** The books do not have this life of the lane: it was rebuilt meanwhile, or somebody changed them. */
    public static StaleLane notInPostgres(Lane lane) {
        return new StaleLane(lane, "PostgreSQL does not have it under this epoch");
    }
}
