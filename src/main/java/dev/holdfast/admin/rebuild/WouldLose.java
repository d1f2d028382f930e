package dev.holdfast.admin.rebuild;

/** A rebuild from the books would end what callers were told of, and nobody said that it may. */
public final class WouldLose extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Losses losses;

    /** The message is for people. */
    public WouldLose(Losses losses) {
        super("would-lose: " + losses.told(), null, false, false);
        this.losses = losses;
    }

    /** What would be lost. */
    public Losses losses() {
        return losses;
    }
}
