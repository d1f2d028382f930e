package dev.holdfast.scenario;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection to a node that is opened when needed: light enough for thousands of clients on virtual threads, and it
 * can break on purpose.
 */
final class Wire implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final InetSocketAddress node;
    private final String checkoutKey;
    private @Nullable Socket socket;
    private @Nullable InputStream in;

    Wire(InetSocketAddress node, String checkoutKey) {
        this.node = node;
        this.checkoutKey = checkoutKey;
    }

    /** The request was not sent: nothing can have been done. */
    static final class NotSent extends IOException {
        private static final long serialVersionUID = 1L;

        NotSent(IOException cause) {
            super("no connection", cause);
        }
    }

    record Reply(int status, String body) {}

    /** Sends a request and reads its reply. After any exception the next call opens a new connection. */
    Reply call(String method, String path, @Nullable String key, @Nullable String body, Fault fault)
            throws IOException {
        Socket open = socket == null ? connect() : socket;
        boolean well = false;
        try {
            byte[] request = request(method, path, key, body);
            int length = fault == Fault.REQUEST_CUT ? request.length / 2 : request.length;
            open.getOutputStream().write(request, 0, length);
            if (fault != Fault.NONE) {
                throw new IOException(Answer.ON_PURPOSE + ": " + fault);
            }
            Reply reply = read();
            well = true;
            return reply;
        } finally {
            if (!well) {
                close();
            }
        }
    }

    @Override
    public void close() {
        Socket open = socket;
        socket = null;
        in = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                throw new IllegalStateException("cannot close " + open, e);
            }
        }
    }

    private Socket connect() throws NotSent {
        Socket open = new Socket();
        try {
            open.setTcpNoDelay(true);
            open.setSoTimeout((int) PATIENCE.toMillis());
            open.connect(node, (int) PATIENCE.toMillis());
            in = new BufferedInputStream(open.getInputStream());
        } catch (IOException e) {
            throw new NotSent(e);
        }
        socket = open;
        return open;
    }

    private byte[] request(String method, String path, @Nullable String key, @Nullable String body) {
        String content = body == null ? "" : body;
        StringBuilder text = new StringBuilder(512)
                .append(method)
                .append(' ')
                .append(path)
                .append(" HTTP/1.1\r\nHost: ")
                .append(node.getHostString())
                .append("\r\nAuthorization: Bearer ")
                .append(checkoutKey)
                .append("\r\n");
        if (key != null) {
            text.append("Idempotency-Key: ").append(key).append("\r\n");
        }
        if (body != null) {
            text.append("Content-Type: application/json\r\n");
        }
        text.append("Content-Length: ")
                .append(content.length())
                .append("\r\n\r\n")
                .append(content);
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private Reply read() throws IOException {
        String statusLine = readLine();
        int status = Integer.parseInt(statusLine.substring(9, 12));
        int length = -1;
        boolean last = false;
        for (String line = readLine(); !line.isEmpty(); line = readLine()) {
            String header = line.toLowerCase(Locale.ROOT);
            if (header.startsWith("content-length:")) {
                length = Integer.parseInt(header.substring(15).strip());
            } else if (header.equals("connection: close")) {
                last = true;
            }
        }
        if (length < 0) {
            throw new IOException("a reply without length: " + statusLine);
        }
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("half a reply");
        }
        if (last) {
            close();
        }
        return new Reply(status, new String(body, StandardCharsets.UTF_8));
    }

    private String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the connection ended");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }
}
