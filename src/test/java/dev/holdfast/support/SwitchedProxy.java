package dev.holdfast.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** One address behind which the server changes, as behind that of a managed Redis: connections that are open stay with the server they have. */
public final class SwitchedProxy implements AutoCloseable {

    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger accepted = new AtomicInteger();
    private volatile int target;
    private volatile Duration delay = Duration.ZERO;

    /** Leads to this port of this machine, from any free port of this of its addresses. */
    public SwitchedProxy(InetAddress address, int port, int target) {
        this.target = target;
        try {
            listener = new ServerSocket(port, 50, address);
        } catch (IOException e) {
            throw new UncheckedIOException("no port for a proxy", e);
        }
        threads.execute(this::accept);
    }

    /** The same, at any free port of the loopback address. */
    public static SwitchedProxy to(int target) {
        return new SwitchedProxy(InetAddress.getLoopbackAddress(), 0, target);
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** How many connections came. */
    public int accepted() {
        return accepted.get();
    }

    /** From now on the first answer on a new connection comes so late. */
    public void delay(Duration other) {
        delay = other;
    }

    /** From now on new connections lead to this port. */
    public void switchTo(int other) {
        target = other;
    }

    /** Ends all connections; new ones may come. */
    public void cut() {
        open.forEach(SwitchedProxy::close);
        open.clear();
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close a proxy", e);
        }
        cut();
        threads.close();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Socket server = new Socket();
                var unused = accepted.incrementAndGet();
                open.add(client);
                open.add(server);
                server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target), 2000);
                server.setTcpNoDelay(true);
                client.setTcpNoDelay(true);
                threads.execute(() -> pump(client, server));
                CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS, threads)
                        .execute(() -> pump(server, client));
            } catch (IOException e) {
                // The listener was closed, or the server is away: then the client meets a broken connection.
                cut();
            }
        }
    }

    private void pump(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            long unused = in.transferTo(out);
        } catch (IOException e) {
            // Broken by one side: both ends are closed.
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close " + socket, e);
        }
    }
}
