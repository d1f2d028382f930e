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

    AnswerWriter(ClosingConnections closing, Metrics metrics) {
        this.closing = closing;
        this.metrics = metrics;
    }

    /** Answers, once; nothing happens where the caller has gone. */
    void send(Call call, Reply reply) {
        if (isWaiting(call)) {
            write(call, reply).onFailure(gone -> {});
        }
    }

    /** Answers and closes the connection: nothing that follows on it is served. */
    void sendLast(Call call, Problem problem) {
        if (!isWaiting(call)) {
            return;
        }
        closing.add(call.request());
        call.request().response().putHeader("connection", "close");
        Future<Void> sent = write(call, problem);
        if (problem.code() == ProblemCode.MALFORMED_REQUEST) {
            // What is not HTTP has no end to wait for, and Vert.x may close at any moment: this sends what was written.
            call.request().connection().close();
        } else {
            sent.onComplete(done -> closing.closeAtItsEnd(call.request()));
        }
    }

    private static boolean isWaiting(Call call) {
        HttpServerResponse response = call.request().response();
        return !response.ended() && !response.closed();
    }

    private Future<Void> write(Call call, Reply reply) {
        HttpServerResponse response = call.request().response();
        put(response, Header.NO_SNIFF);
        Future<Void> sent = switch (reply) {
            case Answer answer -> whole(response, answer(response, answer));
            case Problem problem -> whole(response, problem(response, problem, call.traceId()));
            case Download download -> pageByPage(call, download);
        };
        metrics.request(call.route(), response.getStatusCode(), System.nanoTime() - call.startedNanos());
        return sent;
    }

    private static Future<Void> whole(HttpServerResponse response, Buffer body) {
        // A HEAD request is told the length, but Vert.x leaves that to us.
        response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
        return response.end(body);
    }

    /** A page is made when the one before is on its way. What breaks off shows as broken off: the last chunk does not come. */
    private static Future<Void> pageByPage(Call call, Download download) {
        HttpServerResponse response = call.request().response();
        response.putHeader("content-type", download.contentType())
                .putHeader("content-disposition", "attachment; filename=\"" + download.fileName() + "\"");
        put(response, Header.NO_STORE);
        if (call.request().method().equals(HttpMethod.HEAD)) {
            return response.end();
        }
        response.setChunked(true);
        return sendRest(call, download.first(), download.rest())
                .onFailure(failure -> call.request().connection().close());
    }

    private static Future<Void> sendRest(Call call, Optional<Buffer> page, Download.Pages rest) {
        HttpServerResponse response = call.request().response();
        return page.isEmpty()
                ? response.end()
                : response.write(page.get()).compose(sent -> rest.next()).compose(next -> sendRest(call, next, rest));
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
