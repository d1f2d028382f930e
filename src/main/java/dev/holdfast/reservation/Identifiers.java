package dev.holdfast.reservation;

/** What a name may look like, at the edge and everywhere behind it. */
public final class Identifiers {

    /** Of sales, SKUs, customers and products: {@code [A-Za-z0-9][A-Za-z0-9._:@-]{0,63}}. */
    public static final int MAX_LENGTH = 64;

    private Identifiers() {}

    /** Whether the text may name a sale, SKU, customer or product. */
    public static boolean isIdentifier(String text) {
        if (text.isEmpty() || text.length() > MAX_LENGTH || !isLetterOrDigit(text.charAt(0))) {
            return false;
        }
        for (int i = 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!isLetterOrDigit(c) && c != '.' && c != '_' && c != ':' && c != '@' && c != '-') {
                return false;
            }
        }
        return true;
    }

    /** Whether the text may be a reservation id: {@code [A-Za-z0-9_-]{22,64}}. */
    public static boolean isReservationId(String text) {
        if (text.length() < 22 || text.length() > MAX_LENGTH) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!isLetterOrDigit(c) && c != '_' && c != '-') {
                return false;
            }
        }
        return true;
    }

    static String require(String text, String what) {
        if (!isIdentifier(text)) {
            throw new IllegalArgumentException("not a " + what + ": " + text);
        }
        return text;
    }

    private static boolean isLetterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }
}
