package dev.holdfast.dev;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.concurrent.ThreadLocalRandom;

/** Finds ports that nobody listens on. A port found free may be taken before it is used: whoever uses it must say so. */
public final class FreePort {
    private static final int HIGHEST = 65_535;

    /** Below the ports that operating systems give to outgoing connections. */
    private static final int LOWEST_FIXED = 10_000;

    private static final int HIGHEST_FIXED = 32_000;

    private FreePort() {}

    /**
     * Answers any port that is free on loopback, but none that an outgoing connection may take for itself: a server that is killed and
     * started again finds its port free.
     */
    public static int any() {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        return ThreadLocalRandom.current()
                .ints(LOWEST_FIXED, HIGHEST_FIXED)
                .filter(port -> isFree(loopback, port))
                .findFirst()
                .orElseThrow();
    }

    /** Answers {@code wanted} if it is free on that host, else the next higher one that is; 0 stays 0. */
    public static int from(String host, int wanted) {
        InetAddress address = addressOf(host);
        for (int port = wanted; port <= HIGHEST; port++) {
            if (isFree(address, port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port on " + host + " from " + wanted + " on");
    }

    private static boolean isFree(InetAddress address, int port) {
        if (port == 0) {
            return true;
        }
        try (ServerSocket socket = new ServerSocket()) {
            // As the listeners do: a connection of the last run in TIME_WAIT does not make the port busy.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(address, port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static InetAddress addressOf(String host) {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new UncheckedIOException("unknown host " + host, e);
        }
    }
}
