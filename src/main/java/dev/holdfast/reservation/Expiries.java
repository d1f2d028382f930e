package dev.holdfast.reservation;

import java.util.List;

/**
 * The holds of one SKU that run out next.
 *
 * @param soonest in the order of their deadlines
 * @param complete whether these are the next ones for sure: else others hold so many carts in between that the search was given up
 */
public record Expiries(List<Reservation> soonest, boolean complete) {}
