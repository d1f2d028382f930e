package dev.holdfast.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Takes in the body of a request, whole. A body that cannot be taken in whole fails the request, and the connection cannot be used
 * after it: nobody knows where the next request begins.
 */
final class BodyReader {

    private final Map<BodyLimit, BodyDeadline> deadlines = new EnumMap<>(BodyLimit.class);

    /** Bodies of the usual size have so long to arrive after their headers. */
    BodyReader(Duration deadline) {
        for (BodyLimit limit : BodyLimit.values()) {
            deadlines.put(limit, new BodyDeadline(deadline.multipliedBy(limit.timesAsLong())));
        }
    }

    /** One step of the schedule: fails bodies that take too long. */
    void failOverdue(long nowNanos) {
        deadlines.values().forEach(deadline -> deadline.failOverdue(nowNanos));
    }

    /** Fails with malformed-request, payload-too-large or request-timeout. */
    Future<Buffer> read(HttpServerRequest request, BodyLimit limit) {
        List<String> codings = request.headers().contains(HttpHeaders.TRANSFER_ENCODING)
                ? request.headers().getAll(HttpHeaders.TRANSFER_ENCODING)
                : List.of();
        if (!codings.isEmpty() && !isChunked(codings)) {
            // Another server in front of this one may cut such a body elsewhere: what follows could be smuggled in.
            return Future.failedFuture(
                    malformed("The body has a transfer coding other than chunked, which this service does not read."));
        }
        long length = codings.isEmpty() ? lengthOf(request) : 0;
        if (codings.isEmpty() && length == 0) {
            return Future.succeededFuture(Buffer.buffer(0));
        }
        if (length > limit.bytes()) {
            return Future.failedFuture(tooLarge(limit));
        }
        if (isContinueExpected(request)) {
            request.response().writeContinue();
        }
        return collected(request, (int) length, limit);
    }

    private Future<Buffer> collected(HttpServerRequest request, int length, BodyLimit limit) {
        BodyDeadline deadline = Objects.requireNonNull(deadlines.get(limit), "each limit has its deadline");
        Promise<Buffer> body = Promise.promise();
        Buffer bytes = Buffer.buffer(length);
        request.handler(chunk -> append(bytes, chunk, limit, body));
        request.endHandler(end -> body.tryComplete(bytes));
        request.exceptionHandler(
                failure -> body.tryFail(malformed("The body broke off or is not framed as HTTP has it.")));
        deadline.start(body, System.nanoTime());
        return body.future().onComplete(done -> deadline.end(body));
    }

    private static void append(Buffer bytes, Buffer chunk, BodyLimit limit, Promise<Buffer> body) {
        if (bytes.length() + chunk.length() > limit.bytes()) {
            body.tryFail(tooLarge(limit));
        } else {
            bytes.appendBuffer(chunk);
        }
    }

    private static boolean isChunked(List<String> codings) {
        return codings.size() == 1 && codings.get(0).strip().equalsIgnoreCase("chunked");
    }

    /** Netty has checked that it is one number. */
    private static long lengthOf(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return length == null ? 0 : Long.parseLong(length.strip());
    }

    private static boolean isContinueExpected(HttpServerRequest request) {
        return request.version() == HttpVersion.HTTP_1_1
                && "100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT));
    }

    private static ProblemException tooLarge(BodyLimit limit) {
        return new ProblemException(
                ProblemCode.PAYLOAD_TOO_LARGE, "The body of this call has at most " + limit.bytes() + " bytes.");
    }

    private static ProblemException malformed(String detail) {
        return new ProblemException(ProblemCode.MALFORMED_REQUEST, detail);
    }
}
