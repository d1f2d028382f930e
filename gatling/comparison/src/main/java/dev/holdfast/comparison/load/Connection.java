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

/** A keep-alive connection with at most one request under way. */
final class Connection {

    private static final int ANSWER_BYTES = 32 * 1024;
    private static final int STATUS_AT = "HTTP/1.1 ".length();
    private static final byte[] CONTENT_LENGTH = {
        'c', 'o', 'n', 't', 'e', 'n', 't', '-', 'l', 'e', 'n', 'g', 't', 'h', ':'
    };

    private final SocketChannel channel;
    private final ByteBuffer out;
    private final ByteBuffer in = ByteBuffer.allocateDirect(ANSWER_BYTES);
    private final SelectionKey key;
    private long dueNanos;

    Connection(int port, Selector selector, int requestBytes) throws IOException {
        channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
        out = ByteBuffer.allocateDirect(requestBytes);
        key = channel.register(selector, SelectionKey.OP_READ, this);
    }

    /** Sends the request of this number, which fell due then. */
    void send(RequestTemplate template, long number, long dueNanos) throws IOException {
        this.dueNanos = dueNanos;
        out.clear();
        template.put(number, out);
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
        int status = wholeAnswer();
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

    private int wholeAnswer() {
        int bodyAt = endOfHead();
        if (bodyAt < 0 || in.position() < bodyAt + contentLength(bodyAt)) {
            return 0;
        }
        return (in.get(STATUS_AT) - '0') * 100 + (in.get(STATUS_AT + 1) - '0') * 10 + in.get(STATUS_AT + 2) - '0';
    }

    private int endOfHead() {
        for (int i = 3; i < in.position(); i++) {
            if (in.get(i) == '\n' && in.get(i - 1) == '\r' && in.get(i - 2) == '\n') {
                return i + 1;
            }
        }
        return -1;
    }

    private int contentLength(int bodyAt) {
        for (int i = STATUS_AT; i < bodyAt; i++) {
            if (in.get(i - 1) == '\n' && isContentLength(i)) {
                return number(i + CONTENT_LENGTH.length);
            }
        }
        throw new IllegalStateException("an answer without Content-Length");
    }

    private boolean isContentLength(int at) {
        for (int i = 0; i < CONTENT_LENGTH.length; i++) {
            byte found = in.get(at + i);
            if ((found >= 'A' && found <= 'Z' ? found + 32 : found) != CONTENT_LENGTH[i]) {
                return false;
            }
        }
        return true;
    }

    private int number(int at) {
        int i = at;
        while (in.get(i) == ' ') {
            i++;
        }
        int number = 0;
        while (in.get(i) != '\r') {
            number = number * 10 + in.get(i) - '0';
            i++;
        }
        return number;
    }
}
