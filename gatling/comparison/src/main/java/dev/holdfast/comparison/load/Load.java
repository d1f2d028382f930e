package dev.holdfast.comparison.load;

import java.time.Duration;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What to send, how, and for how long.
 *
 * @param firstNumber of the requests; each has the next
 * @param connections each with one request under way
 * @param ratePerSecond requests fall due at this rate whatever the answers do; empty: each connection sends as soon as it was
 *     answered
 * @param most requests to send, however long it takes; empty: as many as fit into the time
 */
public record Load(
        int port,
        Requests requests,
        long firstNumber,
        int connections,
        Duration time,
        OptionalDouble ratePerSecond,
        OptionalLong most) {

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /** As fast as the answers come. */
    public static Load closed(int port, Requests requests, long firstNumber, int connections, Duration time) {
        return new Load(port, requests, firstNumber, connections, time, OptionalDouble.empty(), OptionalLong.empty());
    }

    /** The same at a given rate. */
    public Load atRate(double perSecond) {
        return new Load(port, requests, firstNumber, connections, time, OptionalDouble.of(perSecond), most);
    }

    /** The same until so many are answered. */
    public Load exactly(long count) {
        return new Load(port, requests, firstNumber, connections, PATIENCE, ratePerSecond, OptionalLong.of(count));
    }
}
