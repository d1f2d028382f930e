package dev.holdfast.redis;

import java.util.OptionalLong;

/**
 * What Redis says of its memory; empty where it does not tell.
 *
 * @param usedBytes what its data takes now
 * @param maxBytes the limit that was set; 0 for none
 * @param systemBytes of the machine it runs on
 */
public record RedisMemory(OptionalLong usedBytes, OptionalLong maxBytes, OptionalLong systemBytes) {

    /** Where no limit was set, the machine is it. */
    public OptionalLong limitBytes() {
        return maxBytes.orElse(0) > 0 ? maxBytes : systemBytes;
    }
}
