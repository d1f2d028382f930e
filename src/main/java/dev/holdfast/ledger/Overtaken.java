package dev.holdfast.ledger;

/** A later rebuild of the lane has begun, or somebody else has opened it: this one is to change nothing any more. */
public final class Overtaken extends RuntimeException {

    private static final long serialVersionUID = 1L;

    Overtaken(Rebuild rebuild) {
        super("another rebuild of lane " + rebuild.to() + " goes on", null, false, false);
    }
}
