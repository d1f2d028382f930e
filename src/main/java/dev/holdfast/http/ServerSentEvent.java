package dev.holdfast.http;

import io.vertx.core.buffer.Buffer;

/** Events as <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html">the HTML standard</a> has them. */
final class ServerSentEvent {

    private ServerSentEvent() {}

    /** With data of one line, as our JSON is. */
    static Buffer of(String event, Buffer data) {
        return Buffer.buffer("event: " + event + "\ndata: ").appendBuffer(data).appendString("\n\n");
    }

    /** The same, with an id that the reader sends back as Last-Event-ID when it comes again. */
    static Buffer of(long id, String event, Buffer data) {
        return Buffer.buffer("id: " + id + "\n").appendBuffer(of(event, data));
    }

    /** No event: only says which id to come back with. */
    static Buffer mark(long id) {
        return Buffer.buffer("id: " + id + "\n\n");
    }
}
