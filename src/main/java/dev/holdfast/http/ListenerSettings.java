package dev.holdfast.http;

import java.time.Duration;

/**
 * How one listener listens.
 *
 * @param port 0 for any free one, the same for all instances of the listener
 * @param bodyDeadline how long a body of the usual size may take to arrive after its headers
 * @param idleTimeout how long a connection may wait for a whole request head, or between two requests, or may take nothing of an answer;
 *     work on a request has no limit here
 */
public record ListenerSettings(Side side, String host, int port, Duration bodyDeadline, Duration idleTimeout) {

    /** Which of both APIs is served. */
    public enum Side {
        PUBLIC(-1),
        ADMIN(-2);

        private final int freePort;

        Side(int freePort) {
            this.freePort = freePort;
        }

        /** Vert.x's word for any free port: below 0, servers with the same number share it. */
        int freePort() {
            return freePort;
        }
    }

    /** With times that slow networks can keep and slow attackers cannot use. */
    public static ListenerSettings of(Side side, String host, int port) {
        return new ListenerSettings(side, host, port, Duration.ofSeconds(10), Duration.ofSeconds(30));
    }
}
