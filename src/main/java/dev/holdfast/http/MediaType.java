package dev.holdfast.http;

import java.util.List;

/** What kind of body a request says it has. */
final class MediaType {

    private MediaType() {}

    /** Throws unsupported-media-type unless it is application/json, in UTF-8, as it is. */
    static void requireJson(List<String> contentTypes, List<String> contentEncodings) {
        if (contentTypes.size() != 1 || !isJson(contentTypes.get(0))) {
            throw new ProblemException(
                    ProblemCode.UNSUPPORTED_MEDIA_TYPE, "The body must be sent as application/json, in UTF-8.");
        }
        if (!contentEncodings.isEmpty()) {
            throw new ProblemException(
                    ProblemCode.UNSUPPORTED_MEDIA_TYPE, "The body must be sent without a Content-Encoding.");
        }
    }

    private static boolean isJson(String contentType) {
        if (contentType.equals(Answer.JSON)) {
            return true;
        }
        String[] parts = contentType.split(";", -1);
        if (!parts[0].strip().equalsIgnoreCase(Answer.JSON)) {
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
