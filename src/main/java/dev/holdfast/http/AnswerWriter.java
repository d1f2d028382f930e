package dev.holdfast.http;

import dev.holdfast.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.Optional;

/** Writes every answer of a listener, on its event loop. */
final class AnswerWriter {

    private final ClosingConnections closing;
    private final Metrics metrics;
    private final Drain drain;

    AnswerWriter(ClosingConnections closing, Metrics metrics, Drain drain) {
        this.closing = closing;
        this.metrics = metrics;
        this.drain = drain;
    }

    /** Answers, once; nothing happens where the caller has gone. */
    void send(Call call, Reply reply) {
        if (isWaiting(call)) {
            switch (reply) {
                case Reply.Whole whole -> {
                    if (drain.hasBegun()) {
                        writeLast(call, whole).onComplete(done -> closing.closeAtItsEnd(call.request()));
                    } else {
                        write(call, whole).onFailure(gone -> {});
                    }
                }
                case Download download -> begin(call, download);
                case EventStream stream -> begin(call, stream);
                case ProgressLines lines -> begin(call, lines);
            }
        }
    }

    /** Answers and closes the connection: nothing that follows on it is served. */
    void sendLast(Call call, Problem problem) {
        if (!isWaiting(call)) {
            return;
        }
        Future<Void> sent = writeLast(call, problem);
        if (problem.code() == ProblemCode.MALFORMED_REQUEST) {
            // What is not HTTP has no end to wait for, and Vert.x may close at any moment: this sends what was written.
            call.request().connection().close();
        } else {
            sent.onComplete(done -> closing.closeAtItsEnd(call.request()));
        }
    }

    private Future<Void> writeLast(Call call, Reply.Whole reply) {
        closing.add(call.request());
        call.request().response().putHeader("connection", "close");
        return write(call, reply);
    }

    private static boolean isWaiting(Call call) {
        HttpServerResponse response = call.request().response();
        return !response.ended() && !response.closed();
    }

    /** A HEAD request is told what the stream would be, and opens none. */
    private void begin(Call call, EventStream stream) {
        boolean isHead = call.request().method().equals(HttpMethod.HEAD);
        if (!isHead && !stream.among().admit()) {
            write(call, EventStreams.TOO_MANY).onFailure(gone -> {});
            return;
        }
        HttpServerResponse response = call.request().response();
        put(response, Header.NO_SNIFF);
        put(response, EventStream.HEADERS);
        response.setStatusCode(200);
        metrics.request(call.route(), 200, System.nanoTime() - call.startedNanos());
        if (isHead) {
            response.end().onFailure(gone -> {});
        } else {
            stream.among().open(call, stream);
        }
    }

    private void begin(Call call, ProgressLines lines) {
        metrics.request(call.route(), 200, System.nanoTime() - call.startedNanos());
        lines.begin();
    }

    /** What breaks off shows as broken off: its last chunk does not come. */
    private void begin(Call call, Download download) {
        HttpServerResponse response = call.request().response();
        put(response, Header.NO_SNIFF);
        put(response, Header.NO_STORE);
        response.putHeader("content-type", download.contentType())
                .putHeader("content-disposition", "attachment; filename=\"" + download.fileName() + "\"");
        metrics.request(call.route(), 200, System.nanoTime() - call.startedNanos());
        if (call.request().method().equals(HttpMethod.HEAD)) {
            response.end().onFailure(gone -> {});
        } else {
            response.setChunked(true);
            send(call, download.first(), download.rest())
                    .onFailure(failure -> call.request().connection().close());
        }
    }

    /** A page is made when the one before it is on its way. */
    private static Future<Void> send(Call call, Optional<Buffer> page, Download.Pages rest) {
        HttpServerResponse response = call.request().response();
        return page.isEmpty()
                ? response.end()
                : response.write(page.get()).compose(sent -> rest.next()).compose(next -> send(call, next, rest));
    }

    private Future<Void> write(Call call, Reply.Whole reply) {
        HttpServerResponse response = call.request().response();
        put(response, Header.NO_SNIFF);
        Buffer body = switch (reply) {
            case Answer answer -> answer(response, answer);
            case Problem problem -> problem(response, problem, call.traceId());
        };
        // A HEAD request is told the length, but Vert.x leaves that to us.
        response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
        Future<Void> sent = response.end(body);
        metrics.request(call.route(), response.getStatusCode(), System.nanoTime() - call.startedNanos());
        return sent;
    }

    private static Buffer answer(HttpServerResponse response, Answer answer) {
        response.setStatusCode(answer.status());
        put(response, answer.contentType());
        put(response, answer.headers());
        return answer.body();
    }

    private static Buffer problem(HttpServerResponse response, Problem problem, String traceId) {
        int retryAfterSeconds = problem.code().retryAfterSeconds();
        if (retryAfterSeconds > 0) {
            response.putHeader("retry-after", Integer.toString(retryAfterSeconds));
        }
        response.setStatusCode(problem.code().status());
        put(response, Header.PROBLEM_JSON);
        put(response, Header.NO_STORE);
        put(response, problem.headers());
        return ProblemWriter.bytes(problem, traceId);
    }

    private static void put(HttpServerResponse response, List<Header> headers) {
        for (Header header : headers) {
            put(response, header);
        }
    }

    private static void put(HttpServerResponse response, Header header) {
        response.putHeader(header.name(), header.value());
    }
}
