package dev.holdfast.gatling.history;

/**
 * How a reservation ended, as far as its caller was told.
 *
 * @param atMs when, by the service's clock; without meaning where that is not known
 */
public record End(Kind kind, long atMs) {

    /** The three ends there are, and an end that was asked for but not answered. */
    public enum Kind {
        CONFIRMED,
        RELEASED,
        EXPIRED,
        UNKNOWN
    }
}
