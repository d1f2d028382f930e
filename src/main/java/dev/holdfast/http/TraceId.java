package dev.holdfast.http;

import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Names a request in answers and logs: the caller's trace where it sent one. */
final class TraceId {

    private static final String NO_TRACE = "0".repeat(32);
    private static final String NO_PARENT = "0".repeat(16);
    private static final HexFormat HEX = HexFormat.of();

    /** Two hex digits of version, 32 of trace, 16 of parent and two of flags, parted by dashes. */
    private static final int LENGTH = 55;

    private TraceId() {}

    /** 32 hex digits: of a valid traceparent (W3C Trace Context, version 00 and later), else random. */
    static String of(List<String> traceparents) {
        return traceparents.size() == 1 && isValid(traceparents.get(0))
                ? traceparents.get(0).substring(3, 35)
                : random();
    }

    private static boolean isValid(String header) {
        if (header.length() < LENGTH
                || header.charAt(2) != '-'
                || header.charAt(35) != '-'
                || header.charAt(52) != '-') {
            return false;
        }
        String version = header.substring(0, 2);
        String trace = header.substring(3, 35);
        String parent = header.substring(36, 52);
        return isHex(version)
                && isHex(trace)
                && isHex(parent)
                && isHex(header.substring(53, LENGTH))
                && !version.equals("ff")
                && !trace.equals(NO_TRACE)
                && !parent.equals(NO_PARENT)
                && mayBeAsLong(version, header);
    }

    /** Later versions may add fields after a dash. */
    private static boolean mayBeAsLong(String version, String header) {
        return header.length() == LENGTH || (!version.equals("00") && header.charAt(LENGTH) == '-');
    }

    private static boolean isHex(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
                return false;
            }
        }
        return true;
    }

    private static String random() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return HEX.toHexDigits(random.nextLong()) + HEX.toHexDigits(random.nextLong());
    }
}
