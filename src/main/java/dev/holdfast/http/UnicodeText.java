package dev.holdfast.http;

import java.util.Arrays;
import java.util.HexFormat;

/** Text from outside, before it goes anywhere else. */
final class UnicodeText {

    private UnicodeText() {}

    /** Whether PostgreSQL and every other reader takes it: no NUL, no half of a surrogate pair. */
    static boolean isStorable(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0 || Character.isLowSurrogate(c)) {
                return false;
            }
            if (Character.isHighSurrogate(c)) {
                i++;
                if (i == text.length() || !Character.isLowSurrogate(text.charAt(i))) {
                    return false;
                }
            }
        }
        return true;
    }

    /**
     * Puts an escaped NUL in the place of every escaped half of a surrogate pair: both are JSON and neither is storable, but
     * Jackson calls the one in a name malformed.
     */
    static void maskHalfPairs(char[] json, int length) {
        for (int i = 0; i < length; i++) {
            if (json[i] != '\\') {
                continue;
            }
            int unit = escapedUnit(json, i, length);
            if (unit >= 0 && Character.isHighSurrogate((char) unit) && isLow(escapedUnit(json, i + 6, length))) {
                i += 11;
            } else if (unit >= 0 && Character.isSurrogate((char) unit)) {
                Arrays.fill(json, i + 2, i + 6, '0');
                i += 5;
            } else {
                i++;
            }
        }
    }

    private static boolean isLow(int unit) {
        return unit >= 0 && Character.isLowSurrogate((char) unit);
    }

    /** The UTF-16 unit that is escaped here with four hex digits, else -1. */
    private static int escapedUnit(char[] json, int start, int length) {
        if (start + 6 > length || json[start] != '\\' || json[start + 1] != 'u') {
            return -1;
        }
        int unit = 0;
        for (int i = start + 2; i < start + 6; i++) {
            if (!HexFormat.isHexDigit(json[i])) {
                return -1;
            }
            unit = unit * 16 + HexFormat.fromHexDigit(json[i]);
        }
        return unit;
    }

    /** The text, cut to {@code maxLength}, with what cannot be shown replaced: it goes back to its sender. */
    static String shown(String text, int maxLength) {
        StringBuilder shown = new StringBuilder(Math.min(text.length(), maxLength) + 1);
        text.codePoints()
                .limit(maxLength)
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE ? '\uFFFD' : c)
                .forEach(shown::appendCodePoint);
        return shown.toString();
    }
}
