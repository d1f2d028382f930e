package dev.holdfast.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;

/**
 * Takes in the body of a request, whole. A body that cannot be taken in whole fails the request, and the connection cannot be used
 * after it: nobody knows where the next request begins.
 */
final class BodyReader {

    /** The contract's limit: 16 KiB. */
    static final int MAX_BYTES = 16 * 1024;

    private final BodyDeadline deadline;

    BodyReader(BodyDeadline deadline) {
        this.deadline = deadline;
    }

    /** Fails with malformed-request, payload-too-large or request-timeout. */
    Future<Buffer> read(HttpServerRequest request) {
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
        if (length > MAX_BYTES) {
            return Future.failedFuture(tooLarge());
        }
        if (isContinueExpected(request)) {
            request.response().writeContinue();
        }
        return collected(request, (int) length);
    }

    private Future<Buffer> collected(HttpServerRequest request, int length) {
        Promise<Buffer> body = Promise.promise();
        Buffer bytes = Buffer.buffer(length);
        request.handler(chunk -> append(bytes, chunk, body));
        request.endHandler(end -> body.tryComplete(bytes));
        request.exceptionHandler(
                failure -> body.tryFail(malformed("The body broke off or is not framed as HTTP has it.")));
        deadline.start(body, System.nanoTime());
        return body.future().onComplete(done -> deadline.end(body));
    }

    private static void append(Buffer bytes, Buffer chunk, Promise<Buffer> body) {
        if (bytes.length() + chunk.length() > MAX_BYTES) {
            body.tryFail(tooLarge());
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

    private static ProblemException tooLarge() {
        return new ProblemException(ProblemCode.PAYLOAD_TOO_LARGE, "A body has at most " + MAX_BYTES + " bytes.");
    }

    private static ProblemException malformed(String detail) {
        return new ProblemException(ProblemCode.MALFORMED_REQUEST, detail);
    }
}
