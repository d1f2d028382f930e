package dev.holdfast.http;

import io.vertx.core.http.HttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The caller's name for a request, so that it can repeat it without doing it twice. */
final class IdempotencyKey {

    static final CharSequence HEADER = HttpHeaders.createOptimized("idempotency-key");

    private static final int MAX_LENGTH = 255;

    private IdempotencyKey() {}

    /** The key in the Idempotency-Key headers of one request, without quotes; null where there is none. */
    static @Nullable String of(List<String> headers) {
        if (headers.isEmpty()) {
            return null;
        }
        String header = headers.get(0);
        String key = header.startsWith("\"") ? unquoted(header) : header;
        if (headers.size() > 1 || key == null || key.isEmpty() || key.length() > MAX_LENGTH || !isPrintable(key)) {
            throw new ProblemException(
                    ProblemCode.IDEMPOTENCY_KEY_INVALID,
                    "Idempotency-Key must be sent once, with 1 to 255 printable ASCII characters.");
        }
        return key;
    }

    /** As {@link #of}, where a call cannot do without one. */
    static String required(List<String> headers) {
        String key = of(headers);
        if (key == null) {
            throw new ProblemException(
                    ProblemCode.IDEMPOTENCY_KEY_MISSING,
                    "This call needs an Idempotency-Key, so that it can be repeated without acting twice.");
        }
        return key;
    }

    /** The content of a string as in RFC 9651, structured fields; null where it is none, or more than one. */
    private static @Nullable String unquoted(String header) {
        StringBuilder key = new StringBuilder(header.length());
        for (int i = 1; i < header.length(); i++) {
            char c = header.charAt(i);
            if (c == '"') {
                return i == header.length() - 1 ? key.toString() : null;
            }
            if (c == '\\') {
                i++;
                if (i == header.length() || (header.charAt(i) != '"' && header.charAt(i) != '\\')) {
                    return null;
                }
                c = header.charAt(i);
            }
            key.append(c);
        }
        return null;
    }

    private static boolean isPrintable(String key) {
        for (int i = 0; i < key.length(); i++) {
            if (key.charAt(i) < ' ' || key.charAt(i) > '~') {
                return false;
            }
        }
        return true;
    }
}
