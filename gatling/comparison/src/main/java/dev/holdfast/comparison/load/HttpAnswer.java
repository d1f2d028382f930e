package dev.holdfast.comparison.load;

import java.nio.ByteBuffer;

/** As much of HTTP/1.1 as it takes to know that an answer is whole. */
final class HttpAnswer {

    private static final int STATUS_AT = "HTTP/1.1 ".length();
    private static final byte[] CONTENT_LENGTH = {
        'c', 'o', 'n', 't', 'e', 'n', 't', '-', 'l', 'e', 'n', 'g', 't', 'h', ':'
    };

    private HttpAnswer() {}

    /** The status of the answer that was received, 0 while it is not whole. */
    static int statusIn(ByteBuffer received) {
        int bodyAt = endOfHead(received);
        if (bodyAt < 0 || received.position() < bodyAt + contentLength(received, bodyAt)) {
            return 0;
        }
        return digit(received, STATUS_AT) * 100 + digit(received, STATUS_AT + 1) * 10 + digit(received, STATUS_AT + 2);
    }

    private static int digit(ByteBuffer received, int at) {
        return received.get(at) - '0';
    }

    private static int endOfHead(ByteBuffer received) {
        for (int i = 3; i < received.position(); i++) {
            if (received.get(i) == '\n' && received.get(i - 1) == '\r' && received.get(i - 2) == '\n') {
                return i + 1;
            }
        }
        return -1;
    }

    private static int contentLength(ByteBuffer received, int bodyAt) {
        for (int i = STATUS_AT; i < bodyAt; i++) {
            if (received.get(i - 1) == '\n' && isContentLength(received, i)) {
                return number(received, i + CONTENT_LENGTH.length);
            }
        }
        throw new IllegalStateException("an answer without Content-Length");
    }

    private static boolean isContentLength(ByteBuffer received, int at) {
        for (int i = 0; i < CONTENT_LENGTH.length; i++) {
            byte found = received.get(at + i);
            if ((found >= 'A' && found <= 'Z' ? found + 32 : found) != CONTENT_LENGTH[i]) {
                return false;
            }
        }
        return true;
    }

    private static int number(ByteBuffer received, int at) {
        int i = at;
        while (received.get(i) == ' ') {
            i++;
        }
        int number = 0;
        while (received.get(i) != '\r') {
            number = number * 10 + received.get(i) - '0';
            i++;
        }
        return number;
    }
}
