package dev.holdfast.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An address that can come to lead to another server, while connections that there are stay what they are. */
public final class SwitchingProxy implements AutoCloseable {

    private final ServerSocket listener;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private volatile int targetPort;

    /** On a free port of this address of loopback; leads to the server on that port of 127.0.0.1. */
    public SwitchingProxy(InetAddress address, int port, int targetPort) {
        this.targetPort = targetPort;
        try {
            listener = new ServerSocket(port, 50, address);
        } catch (IOException e) {
            throw new UncheckedIOException("no port for a proxy", e);
        }
        threads.execute(this::accept);
    }

    /** On any free port of loopback. */
    public SwitchingProxy(int targetPort) {
        this(InetAddress.getLoopbackAddress(), 0, targetPort);
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** New connections lead there; old ones stay where they are. */
    public void leadTo(int otherPort) {
        targetPort = otherPort;
    }

    /** Connections that there are say nothing any more in either direction, and do not break either. New ones are whole. */
    public void silence() {
        links.forEach(link -> link.silent = true);
    }

    /** Ends all connections. */
    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close a proxy", e);
        }
        links.forEach(Link::close);
        threads.close();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Link link = new Link(listener.accept());
                links.add(link);
                threads.execute(() -> link.connect(targetPort));
            } catch (IOException e) {
                // The listener was closed.
                return;
            }
        }
    }

    private final class Link {

        private final Socket client;
        private final Socket server = new Socket();
        private volatile boolean silent;

        Link(Socket client) {
            this.client = client;
        }

        private void connect(int port) {
            try {
                server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 2_000);
                server.setTcpNoDelay(true);
                client.setTcpNoDelay(true);
                threads.execute(() -> pump(client, server));
                pump(server, client);
            } catch (IOException e) {
                // The server is away: the client meets a broken connection.
                close();
            }
        }

        private void pump(Socket from, Socket to) {
            byte[] buffer = new byte[16 * 1024];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    if (!silent) {
                        out.write(buffer, 0, n);
                    }
                }
            } catch (IOException e) {
                // Broken by one side: both are closed below.
            } finally {
                // A peer that vanished does not say so.
                if (!silent || listener.isClosed() || from.equals(client)) {
                    close();
                }
            }
        }

        private void close() {
            links.remove(this);
            try (client;
                    server) {
                // Both, whatever the first one fails with.
            } catch (IOException e) {
                throw new UncheckedIOException("cannot close a connection", e);
            }
        }
    }
}
