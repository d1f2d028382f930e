package dev.holdfast.gatling;

import java.util.function.LongUnaryOperator;

/**
 * What an admin wants of a SKU's capacity.
 *
 * @param key the same for every repetition
 * @param wanted the capacity that is to come of the one before
 */
record Edit(String key, String sku, String body, LongUnaryOperator wanted) {

    /** So many more units, or fewer. */
    static Edit by(String key, String sku, long delta) {
        return new Edit(
                key,
                sku,
                "{\"delta\":%d,\"reason\":\"a delivery\",\"reference\":\"%s\"}".formatted(delta, key),
                before -> before + delta);
    }

    /** So many units, of the capacity that was seen; without units that are held, or waiting for them. */
    static Edit to(String key, String sku, long capacity, long seenVersion, boolean allowBelowHeld) {
        return new Edit(
                key,
                sku,
                "{\"capacity\":%d,\"expectedVersion\":%d,\"allowBelowHeld\":%b,\"reason\":\"counted again\"}"
                        .formatted(capacity, seenVersion, allowBelowHeld),
                before -> capacity);
    }
}
