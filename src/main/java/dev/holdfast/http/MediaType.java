package dev.holdfast.http;

import java.util.List;

/** What kind of body a request says it has. */
final class MediaType {

    private MediaType() {}

    private static final String CSV = "text/csv";

    /** Throws unsupported-media-type unless it is application/json, in UTF-8, as it is. */
    static void requireJson(List<String> contentTypes, List<String> contentEncodings) {
        require(Answer.JSON, contentTypes, contentEncodings);
    }

    /** Throws unsupported-media-type unless it is text/csv, in UTF-8, as it is. */
    static void requireCsv(List<String> contentTypes, List<String> contentEncodings) {
        require(CSV, contentTypes, contentEncodings);
    }

    private static void require(String type, List<String> contentTypes, List<String> contentEncodings) {
        if (contentTypes.size() != 1 || !is(type, contentTypes.get(0))) {
            throw new ProblemException(
                    ProblemCode.UNSUPPORTED_MEDIA_TYPE, "The body must be sent as " + type + ", in UTF-8.");
        }
        if (!contentEncodings.isEmpty()) {
            throw new ProblemException(
                    ProblemCode.UNSUPPORTED_MEDIA_TYPE, "The body must be sent without a Content-Encoding.");
        }
    }

    private static boolean is(String type, String contentType) {
        if (contentType.equals(type)) {
            return true;
        }
        String[] parts = contentType.split(";", -1);
        if (!parts[0].strip().equalsIgnoreCase(type)) {
            return false;
        }
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].strip();
            if (parameter.regionMatches(true, 0, "charset=", 0, "charset=".length())
                    && !isUtf8(parameter.substring("charset=".length()))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isUtf8(String charset) {
        return charset.equalsIgnoreCase("utf-8") || charset.equalsIgnoreCase("\"utf-8\"");
    }
}
