package dev.holdfast.http;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.support.TestWait;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** Sends bytes as they are, and reads what comes back as text. */
final class RawConnection implements AutoCloseable {

    private final Socket socket;
    private final InputStream in;

    RawConnection(int port) {
        try {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout((int) TestWait.LIMIT.toMillis());
            in = new BufferedInputStream(socket.getInputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every line feed becomes CR LF. */
    @CanIgnoreReturnValue
    RawConnection send(String text) {
        return sendBytes(text.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    @CanIgnoreReturnValue
    RawConnection sendBytes(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the text could still be sent: false once the server has closed. */
    boolean trySend(String text) {
        try {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            return true;
        } catch (IOException closed) {
            return false;
        }
    }

    /** All until the server closes. A reset ends it too: what came before it counts. */
    String readToEnd() {
        var bytes = new ByteArrayOutputStream();
        try {
            for (int b = in.read(); b >= 0; b = in.read()) {
                bytes.write(b);
            }
        } catch (SocketException reset) {
            return bytes.toString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** All up to this text, which is to come. */
    @CanIgnoreReturnValue
    String readUntil(String text) {
        var read = new StringBuilder();
        try {
            while (read.length() < text.length() || read.indexOf(text, read.length() - text.length()) < 0) {
                int b = in.read();
                if (b < 0) {
                    throw new IllegalStateException("closed after: " + read);
                }
                read.append((char) b);
            }
            return read.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One answer: its head, and the body as long as content-length says. */
    @CanIgnoreReturnValue
    String readAnswer() {
        try {
            var head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int b = in.read();
                if (b < 0) {
                    throw new IllegalStateException("closed after: " + head);
                }
                head.append((char) b);
            }
            return head + new String(in.readNBytes(lengthIn(head.toString())), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int lengthIn(String head) {
        String name = "content-length: ";
        int at = head.indexOf(name);
        return at < 0 ? 0 : Integer.parseInt(head.substring(at + name.length(), head.indexOf('\r', at)));
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
