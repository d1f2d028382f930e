package dev.holdfast.comparison.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** HINCRBY of one field by one, in Redis' own protocol: the least that a counter in Redis can cost. */
public final class IncrementRequests implements Requests {

    /** The hash that is counted in. */
    public static final String KEY = "comparison:increments";

    private static final String ONE =
            "*4\r\n$7\r\nHINCRBY\r\n$%d\r\n%s\r\n$18\r\nSKU-0000|available\r\n$1\r\n1\r\n".formatted(KEY.length(), KEY);
    private static final int ACCEPTED = 200;
    private static final int FAILED = 500;

    private final byte[] bytes;
    private final int commands;

    /** So many commands in each request, sent together. */
    public IncrementRequests(int commands) {
        this.commands = commands;
        bytes = ONE.repeat(commands).getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public int mostBytes() {
        return bytes.length;
    }

    @Override
    public void put(long number, ByteBuffer into) {
        into.put(bytes);
    }

    @Override
    public int statusIn(ByteBuffer received) {
        int lines = 0;
        boolean allNumbers = true;
        for (int i = 0; i < received.position(); i++) {
            if (i == 0 || received.get(i - 1) == '\n') {
                allNumbers &= received.get(i) == ':';
            }
            if (received.get(i) == '\n') {
                lines++;
            }
        }
        if (lines < commands) {
            return 0;
        }
        return allNumbers ? ACCEPTED : FAILED;
    }
}
