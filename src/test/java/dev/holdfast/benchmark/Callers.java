package dev.holdfast.benchmark;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/** Connections that all ask before any of them reads its answer: in every round the service finds so many requests at once. */
final class Callers implements AutoCloseable {

    private static final String LENGTH = "content-length: ";

    private final List<Socket> sockets = new ArrayList<>();
    private final List<InputStream> answers = new ArrayList<>();

    Callers(int port, int connections) {
        try {
            for (int i = 0; i < connections; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                socket.setTcpNoDelay(true);
                sockets.add(socket);
                answers.add(new BufferedInputStream(socket.getInputStream()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot connect to port " + port, e);
        }
    }

    /** Asks by number, from this one on; the count is rounded up to whole rounds. Throws where a status begins with another digit: 201 is
     * 200 where the service had to ask Redis twice. */
    void ask(LongFunction<byte[]> request, long first, long count, int status, Consumer<String> answered) {
        for (long number = first; number < first + count; number += sockets.size()) {
            round(request, number, status, answered);
        }
    }

    private void round(LongFunction<byte[]> request, long first, int status, Consumer<String> answered) {
        try {
            for (int i = 0; i < sockets.size(); i++) {
                sockets.get(i).getOutputStream().write(request.apply(first + i));
            }
            for (InputStream in : answers) {
                String answer = answer(in);
                if (!answer.startsWith("HTTP/1.1 " + status / 100)) {
                    throw new IllegalStateException("expected " + status + ", got " + answer);
                }
                answered.accept(answer);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a connection broke", e);
        }
    }

    private static String answer(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("closed after: " + head);
            }
            head.append((char) b);
        }
        int at = head.indexOf(LENGTH) + LENGTH.length();
        int length = Integer.parseInt(head.substring(at, head.indexOf("\r", at)));
        return head + new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        for (Socket socket : sockets) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
