package dev.holdfast.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import javax.net.ServerSocketFactory;

/** Stands between a client and Redis, and can keep replies back or cut the line. */
final class ReplyProxy implements AutoCloseable {

    private final ServerSocket door;
    private final URI redis;
    private final List<Socket> sockets = new ArrayList<>();
    private boolean holdsReplies;
    private int requestsUntilLetGo = Integer.MAX_VALUE;

    private ReplyProxy(ServerSocket door, URI redis) {
        this.door = door;
        this.redis = redis;
    }

    static ReplyProxy before(String redisUri) {
        return before(redisUri, ServerSocketFactory.getDefault());
    }

    /** The factory may add TLS, which then ends here. */
    static ReplyProxy before(String redisUri, ServerSocketFactory factory) {
        try {
            ServerSocket door = factory.createServerSocket(0, 50, InetAddress.getLoopbackAddress());
            ReplyProxy proxy = new ReplyProxy(door, URI.create(redisUri));
            start(proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return door.getLocalPort();
    }

    String uri() {
        return "redis://127.0.0.1:" + port();
    }

    /** Where it leads to. */
    String target() {
        return redis.toString();
    }

    /** From now on replies stay here. */
    synchronized void holdReplies() {
        holdsReplies = true;
    }

    /** From now on replies stay here until so many requests have come, those that are repeated included. */
    synchronized void holdRepliesUntil(int requests) {
        holdsReplies = true;
        requestsUntilLetGo = requests;
    }

    private synchronized void noteRequest() {
        requestsUntilLetGo--;
        if (requestsUntilLetGo == 0) {
            letGo();
        }
    }

    /** Lets all replies go that were kept back. */
    synchronized void letGo() {
        holdsReplies = false;
        requestsUntilLetGo = Integer.MAX_VALUE;
        notifyAll();
    }

    /** Ends all connections; replies that were kept back are lost. New connections are let through. */
    synchronized void cut() {
        sockets.forEach(ReplyProxy::close);
        sockets.clear();
        letGo();
    }

    @Override
    public void close() {
        try {
            door.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cut();
    }

    private void accept() throws IOException {
        while (!door.isClosed()) {
            Socket client = door.accept();
            Socket server = new Socket(redis.getHost(), redis.getPort());
            synchronized (this) {
                sockets.add(client);
                sockets.add(server);
            }
            start(() -> carry(client, server, false));
            start(() -> carry(server, client, true));
        }
    }

    private void carry(Socket from, Socket to, boolean replies) throws IOException {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        byte[] bytes = new byte[65_536];
        for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
            if (replies) {
                awaitPermission();
            }
            out.write(bytes, 0, n);
            out.flush();
            if (!replies) {
                noteRequest();
            }
        }
        close(to);
    }

    private synchronized void awaitPermission() throws IOException {
        try {
            while (holdsReplies) {
                wait();
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static void start(Job job) {
        Thread thread = new Thread(() -> runUntilCut(job), "reply-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private static void runUntilCut(Job job) {
        try {
            job.run();
        } catch (IOException e) {
            // The line was cut: that is what a proxy is here for.
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Job {
        void run() throws IOException;
    }
}
