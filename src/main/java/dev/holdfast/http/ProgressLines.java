package dev.holdfast.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An answer that tells how far the work is: JSON objects, one a line (NDJSON). The last line is what would have been the whole answer,
 * or the problem. Nothing is sent before there is any progress, so that what fails earlier is a problem with its own status. A slow
 * reader skips lines in between; a reader that has gone does not end the work. To be used on the event loop of its request.
 */
final class ProgressLines implements Reply {

    private static final String CONTENT_TYPE = "application/x-ndjson";
    private static final Header TYPE = Header.of("content-type", CONTENT_TYPE);
    private static final List<Header> HEADERS =
            List.of(TYPE, Header.NO_STORE, Header.NO_SNIFF, Header.of("x-accel-buffering", "no"));

    /** The longest silence: less than what proxies on the way take for the end. */
    private static final long HEARTBEAT_MS = 10_000;

    private final Call call;
    private final HttpServerResponse response;
    private final Promise<Reply> first = Promise.promise();
    private @Nullable Buffer latest;
    private long heartbeat = -1;
    private boolean wroteSinceHeartbeat;

    /** Nothing is sent yet. */
    ProgressLines(Call call) {
        this.call = call;
        response = call.request().response();
    }

    /** Whether the caller takes such an answer. */
    static boolean areWanted(Call call) {
        return call.headers(HttpHeaders.ACCEPT).stream()
                .anyMatch(accepted -> accepted.toLowerCase(Locale.ROOT).contains(CONTENT_TYPE));
    }

    /** What the call is answered with: these lines, or a whole answer where the work ended before there was any progress. */
    Future<Reply> reply() {
        return first.future();
    }

    /** Whether somebody still reads. */
    boolean isRead() {
        return !response.closed() && !response.ended();
    }

    /** The next line: one object with what the writer puts in. */
    void progress(JsonWriter fields) {
        latest = line(Json.object(fields));
        if (!first.tryComplete(this)) {
            writeLatest();
        }
    }

    /** The last line. */
    void end(Reply.Whole last) {
        if (first.future().isComplete()) {
            finish(last);
        } else {
            first.complete(last instanceof Answer answer ? asLine(answer) : last);
        }
    }

    /** Sends the head of the answer and what there is to tell by now. */
    void begin() {
        response.setStatusCode(200).setChunked(true);
        HEADERS.forEach(header -> response.putHeader(header.name(), header.value()));
        response.closeHandler(closed -> call.vertx().cancelTimer(heartbeat));
        heartbeat = call.vertx().setPeriodic(HEARTBEAT_MS, tick -> beat());
        writeLatest();
    }

    @Override
    public String outcome() {
        return "";
    }

    private void beat() {
        if (!wroteSinceHeartbeat) {
            writeLatest();
        }
        wroteSinceHeartbeat = false;
    }

    private void writeLatest() {
        if (latest != null && heartbeat >= 0 && isRead() && !response.writeQueueFull()) {
            wroteSinceHeartbeat = true;
            response.write(latest).onFailure(gone -> {});
        }
    }

    private void finish(Reply.Whole last) {
        call.vertx().cancelTimer(heartbeat);
        if (heartbeat >= 0 && isRead()) {
            response.end(line(
                            switch (last) {
                                case Answer answer -> answer.body();
                                case Problem problem -> ProblemWriter.bytes(problem, call.traceId());
                            }))
                    .onFailure(gone -> {});
        }
    }

    private static Answer asLine(Answer answer) {
        return new Answer(answer.status(), TYPE, line(answer.body()), answer.headers(), answer.outcome());
    }

    private static Buffer line(Buffer object) {
        return Buffer.buffer(object.length() + 1).appendBuffer(object).appendByte((byte) '\n');
    }
}
