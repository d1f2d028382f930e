package dev.holdfast.reservation;

/**
 * An adjustment of a capacity that came into force, as Redis remembers it: enough to know its request again, and to answer it as the first
 * time, where PostgreSQL has lost it.
 *
 * @param version of the capacity after it
 * @param before units that people had decided on until then
 * @param after units that people decided on with it
 * @param pending units that were still held when it came into force, and go as holds end
 */
public record AppliedAdjustment(String id, long version, long before, long after, long pending) {}
