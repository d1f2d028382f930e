package dev.holdfast.dev;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;

/** Finds ports that nobody listens on. A port found free may be taken before it is used: whoever uses it must say so. */
public final class FreePort {
    private static final int HIGHEST = 65_535;

    private FreePort() {}

    /** Answers any port that is free on loopback, as the operating system chooses. */
    public static int any() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("no free port on loopback", e);
        }
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
