package dev.holdfast.comparison.load;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** A connection that is kept, with at most one request under way. */
final class Connection {

    private static final int ANSWER_BYTES = 32 * 1024;

    private final Requests requests;
    private final SocketChannel channel;
    private final ByteBuffer out;
    private final ByteBuffer in = ByteBuffer.allocateDirect(ANSWER_BYTES);
    private final SelectionKey key;
    private long dueNanos;

    Connection(int port, Selector selector, Requests requests) throws IOException {
        this.requests = requests;
        channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
        out = ByteBuffer.allocateDirect(requests.mostBytes());
        key = channel.register(selector, SelectionKey.OP_READ, this);
    }

    /** Sends the request of this number, which fell due then. */
    void send(long number, long dueNanos) throws IOException {
        this.dueNanos = dueNanos;
        out.clear();
        requests.put(number, out);
        out.flip();
        write();
    }

    /** Writes what the socket did not take before. */
    void write() throws IOException {
        int ignored = channel.write(out);
        key.interestOps(out.hasRemaining() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
    }

    /** Reads what has come; answers the status once the answer is whole, 0 before. */
    int read() throws IOException {
        if (channel.read(in) < 0) {
            throw new EOFException("the server closed a connection that had a request under way");
        }
        int status = requests.statusIn(in);
        if (status > 0) {
            in.clear();
        }
        return status;
    }

    long dueNanos() {
        return dueNanos;
    }

    void close() throws IOException {
        channel.close();
    }
}
