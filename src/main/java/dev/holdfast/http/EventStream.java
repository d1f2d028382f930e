package dev.holdfast.http;

import java.util.List;
import java.util.function.Consumer;

/**
 * An answer that goes on until one side ends it: Server-Sent Events.
 *
 * @param among the streams that it is counted, kept alive and ended with
 * @param begin fills it from the moment it is open; called on the event loop of the request
 */
record EventStream(EventStreams among, Consumer<OpenStream> begin) implements Reply {

    static final String CONTENT_TYPE = "text/event-stream";

    /** The last one is for proxies that would wait for an end to pass anything on. */
    static final List<Header> HEADERS =
            List.of(Header.of("content-type", CONTENT_TYPE), Header.NO_STORE, Header.of("x-accel-buffering", "no"));

    @Override
    public String outcome() {
        return "";
    }
}
