package dev.holdfast.http;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/**
 * A file of any length, sent page by page as its reader takes it.
 *
 * @param first has been made before anything is answered, so that what cannot be read at all is a problem like any other
 */
record Download(String fileName, String contentType, Optional<Buffer> first, Pages rest) implements Reply {

    /** What the file is made of. */
    interface Pages {

        /** The next page; empty after the last. */
        Future<Optional<Buffer>> next();
    }

    /** Fails where the first page does. */
    static Future<Download> of(String fileName, String contentType, Pages pages) {
        return pages.next().map(first -> new Download(fileName, contentType, first, pages));
    }

    @Override
    public String outcome() {
        return "";
    }
}
