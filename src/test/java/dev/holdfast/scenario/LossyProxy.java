package dev.holdfast.scenario;

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
import java.util.concurrent.atomic.AtomicInteger;

/** A way to a server that can break, on which commands arrive whose replies do not. */
final class LossyProxy implements AutoCloseable {

    private final InetSocketAddress target;
    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger repliesSwallowed = new AtomicInteger();
    private volatile boolean mute;

    LossyProxy(InetSocketAddress target) {
        this.target = target;
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException("no port for a proxy", e);
        }
        threads.execute(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** How often an answer was on its way and did not arrive. */
    int repliesSwallowed() {
        return repliesSwallowed.get();
    }

    /** From now on requests arrive, but answers are swallowed, until {@link #cut}. */
    void mute() {
        mute = true;
    }

    /** Whether answers are swallowed now. */
    boolean muted() {
        return mute;
    }

    /** All connections break; new ones are whole. */
    void cut() {
        open.forEach(LossyProxy::close);
        open.clear();
        mute = false;
    }

    /** All connections break, and no new ones are taken, for good. */
    void refuse() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close a proxy", e);
        }
        cut();
    }

    @Override
    public void close() {
        refuse();
        threads.close();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Socket server = new Socket();
                open.add(client);
                open.add(server);
                server.connect(target, 2000);
                server.setTcpNoDelay(true);
                client.setTcpNoDelay(true);
                threads.execute(() -> pump(client, server, false));
                threads.execute(() -> pump(server, client, true));
            } catch (IOException e) {
                // The listener was closed, or the server is away: then the client meets a broken connection.
                cut();
            }
        }
    }

    private void pump(Socket from, Socket to, boolean replies) {
        byte[] buffer = new byte[16 * 1024];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (replies && mute) {
                    var unused = repliesSwallowed.incrementAndGet();
                } else {
                    out.write(buffer, 0, n);
                }
            }
        } catch (IOException e) {
            // Broken on purpose, or by the other side: both ends are closed below.
        } finally {
            close(from);
            close(to);
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
