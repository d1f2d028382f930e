package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests as only an attacker or a broken client sends them. */
class FramingTest {

    private static final String ECHO = "POST /echo HTTP/1.1\nHost: x\nContent-Type: application/json\n";
    private static final String STEAL = "POST /steal HTTP/1.1\nHost: x\nContent-Length: 0\n\n";

    private static final AtomicInteger STOLEN = new AtomicInteger();
    private static final AtomicReference<Promise<Void>> WORK = new AtomicReference<>(Promise.promise());
    private static LoneListener listener;

    @BeforeAll
    static void listen() {
        listener = new LoneListener(List.of(
                Endpoint.post("/echo", Access.OPEN, FramingTest::echo),
                Endpoint.get("/things/{name}", Access.OPEN, FramingTest::nothing),
                Endpoint.post("/steal", Access.OPEN, FramingTest::steal),
                Endpoint.post("/work", Access.OPEN, FramingTest::work)));
    }

    @AfterAll
    static void close() {
        listener.close();
    }

    @BeforeEach
    void nothingIsStolen() {
        STOLEN.set(0);
    }

    private static Future<Reply> echo(Call call) {
        long n = call.json().whole("n", 0, 1_000_000);
        return Future.succeededFuture(Answer.json(200, json -> json.writeNumberField("n", n)));
    }

    private static Future<Reply> nothing(Call call) {
        return Future.succeededFuture(Answer.json(200, json -> {}));
    }

    private static Future<Reply> steal(Call call) {
        STOLEN.incrementAndGet();
        return nothing(call);
    }

    private static Future<Reply> work(Call call) {
        return WORK.get().future().compose(done -> echo(call));
    }

    @Test
    void aBodyOfKnownLengthIsRead() {
        try (RawConnection connection = listener.connect()) {
            String answer =
                    connection.send(ECHO + "Content-Length: 7\n\n{\"n\":5}").readAnswer();

            assertThat(answer).startsWith("HTTP/1.1 200").endsWith("{\"n\":5}");
        }
    }

    @Test
    void aChunkedBodyIsRead() {
        try (RawConnection connection = listener.connect()) {
            String answer = connection
                    .send(ECHO + "Transfer-Encoding: chunked\n\n4\n{\"n\"\n3\n:5}\n0\n\n")
                    .readAnswer();

            assertThat(answer).startsWith("HTTP/1.1 200").endsWith("{\"n\":5}");
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInTheirOrder() {
        try (RawConnection connection = listener.connect()) {
            var requests = new StringBuilder();
            for (int n = 0; n < 5; n++) {
                requests.append(ECHO)
                        .append("Content-Length: 7\n\n{\"n\":")
                        .append(n)
                        .append('}');
            }

            connection.send(requests.toString());

            for (int n = 0; n < 5; n++) {
                assertThat(connection.readAnswer()).endsWith("{\"n\":" + n + "}");
            }
        }
    }

    @Test
    void whoExpectsToContinueIsToldTo() {
        try (RawConnection connection = listener.connect()) {
            connection.send(ECHO + "Expect: 100-continue\nContent-Length: 7\n\n");
            assertThat(connection.readAnswer()).startsWith("HTTP/1.1 100 Continue");

            String answer = connection.send("{\"n\":5}").readAnswer();

            assertThat(answer).startsWith("HTTP/1.1 200").endsWith("{\"n\":5}");
        }
    }

    @Test
    void whoExpectsToContinueWithTooMuchIsToldNotTo() {
        try (RawConnection connection = listener.connect()) {
            String answer = connection
                    .send(ECHO + "Expect: 100-continue\nContent-Length: 20000\n\n")
                    .readToEnd();

            assertProblem(answer, 413, "payload-too-large");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Transfer-Encoding: gzip, chunked\n",
                "Transfer-Encoding: chunked, gzip\n",
                "Transfer-Encoding: cow\n",
                "Transfer-Encoding: xchunked\n",
                "Transfer-Encoding: chunked\nTransfer-Encoding: chunked\n",
                "Transfer-Encoding: chunked\nTransfer-Encoding: identity\n",
                "Transfer-Encoding: \u000bchunked\n",
                "Transfer-Encoding:\n",
                "Transfer-Encoding: chunked\nContent-Length: 5\n",
                "Content-Length: 5\nTransfer-Encoding: chunked\n",
                "Content-Length: 5\nContent-Length: 6\n",
                "Content-Length: 5, 6\n",
                "Content-Length: +5\n",
                "Content-Length: -5\n",
                "Content-Length: 0x5\n",
                "Content-Length: 99999999999999999999\n",
                "Content-Length : 5\n"
            })
    void aBodyFramedInMoreThanOneWayIsRefusedAndNothingIsSmuggled(String framing) {
        try (RawConnection connection = listener.connect()) {
            String answers =
                    connection.send(ECHO + framing + "\n0\n\n" + STEAL + STEAL).readToEnd();

            assertProblem(answers, 400, "malformed-request");
            assertThat(answers.split("HTTP/1\\.\\d \\d{3}", -1)).hasSize(2);
            assertThat(STOLEN).hasValue(0);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /things/a\n\n",
                "G@T /things/a HTTP/1.1\nHost: x\n\n",
                "GET /things/a HTTP/9.9\nHost: x\n\n",
                "GET /things/a HTTP/2.0\nHost: x\n\n",
                "GET /things/a HTTP/1.1 x\nHost: x\n\n",
                "PRI * HTTP/2.0\n\nSM\n\n",
                "nonsense\n\n",
                "GET /things/a HTTP/1.1\n\n",
                "GET /things/a HTTP/1.1\nHost: a b\n\n",
                "GET /things/%zz HTTP/1.1\nHost: x\nConnection: close\n\n",
                "GET /things/a HTTP/1.1\nHost: x\nno colon\n\n"
            })
    void whatIsNotHttpIsAProblemToo(String request) {
        try (RawConnection connection = listener.connect()) {
            String answer = connection.send(request).readToEnd();

            assertProblem(answer, 400, "malformed-request");
        }
    }

    @Test
    void aLongRequestLineIsRefused() {
        try (RawConnection connection = listener.connect()) {
            String answer = connection
                    .send("GET /things/" + "a".repeat(5000) + " HTTP/1.1\nHost: x\n\n")
                    .readToEnd();

            assertProblem(answer, 414, "uri-too-long");
        }
    }

    @Test
    void longHeadersAreRefused() {
        try (RawConnection connection = listener.connect()) {
            String answer = connection
                    .send("GET /things/a HTTP/1.1\nHost: x\nCookie: " + "a".repeat(9000) + "\n\n")
                    .readToEnd();

            assertProblem(answer, 431, "headers-too-large");
        }
    }

    @Test
    void aLargeBodyIsRefusedByItsLength() {
        try (RawConnection connection = listener.connect()) {
            String answer = connection
                    .send(ECHO + "Content-Length: 16385\n\n" + " ".repeat(16_385))
                    .readToEnd();

            assertProblem(answer, 413, "payload-too-large");
            assertThat(answer).contains("connection: close");
        }
    }

    @Test
    void aLargeBodyIsRefusedWhenItsChunksAreTooMuch() {
        try (RawConnection connection = listener.connect()) {
            String chunk = "1000\n" + " ".repeat(0x1000) + "\n";

            String answer = connection
                    .send(ECHO + "Transfer-Encoding: chunked\n\n" + chunk.repeat(5) + "0\n\n" + STEAL)
                    .readToEnd();

            assertProblem(answer, 413, "payload-too-large");
            assertThat(STOLEN).hasValue(0);
        }
    }

    @Test
    void theLargestBodyIsRead() {
        try (RawConnection connection = listener.connect()) {
            String body = "{\"n\":5" + " ".repeat(16 * 1024 - 7) + "}";

            String answer = connection
                    .send(ECHO + "Content-Length: " + body.length() + "\n\n" + body)
                    .readAnswer();

            assertThat(answer).startsWith("HTTP/1.1 200");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"zz\n", "5\nabc", "-1\n", "ffffffffffff\n"})
    void aBrokenChunkIsRefused(String chunk) {
        try (RawConnection connection = listener.connect()) {
            String answer = connection
                    .send(ECHO + "Transfer-Encoding: chunked\n\n" + chunk + "\n0\n\n" + STEAL)
                    .readToEnd();

            assertProblem(answer, 400, "malformed-request");
            assertThat(STOLEN).hasValue(0);
        }
    }

    @Test
    void aBodyThatDoesNotArriveIsTimedOut() {
        try (RawConnection connection = listener.connect()) {
            String answer =
                    connection.send(ECHO + "Content-Length: 7\n\n{\"n\"").readToEnd();

            assertProblem(answer, 408, "request-timeout");
            assertThat(answer).contains("connection: close");
        }
    }

    @Test
    void aConnectionOnWhichNothingArrivesIsClosed() {
        try (RawConnection connection = listener.connect()) {
            assertThat(connection.readToEnd()).isEmpty();
        }
    }

    @Test
    void aHeadThatDoesNotEndIsClosed() {
        try (RawConnection connection = listener.connect()) {
            String answer = connection.send("GET /things/a HTTP/1.1\nHost: x\n").readToEnd();

            assertThat(answer).isEmpty();
        }
    }

    @Test
    void aHeadThatDripsIsClosedAtTheSameTime() {
        try (RawConnection connection = listener.connect()) {
            connection.send("GET /things/a HTTP/1.1\nHost: x\nX-Slow: ");

            await().pollInterval(Duration.ofMillis(50)).until(() -> !connection.trySend("a"));
            assertThat(connection.readToEnd()).isEmpty();
        }
    }

    @Test
    void aRequestThatIsBeingWorkedOnIsAnsweredHoweverLongItTakes() {
        Promise<Void> work = Promise.promise();
        WORK.set(work);
        try (RawConnection connection = listener.connect()) {
            connection.send(ECHO.replace("/echo", "/work") + "Content-Length: 7\n\n{\"n\":5}");
            awaitMoreThanTheIdleTimeout();

            work.complete();

            assertThat(connection.readAnswer()).startsWith("HTTP/1.1 200").endsWith("{\"n\":5}");
        }
    }

    @Test
    void aConnectionIsIdleAgainAfterALongRequest() {
        Promise<Void> work = Promise.promise();
        WORK.set(work);
        try (RawConnection connection = listener.connect()) {
            String request = ECHO.replace("/echo", "/work") + "Content-Length: 7\n\n{\"n\":5}";
            connection.send(request + request);
            awaitMoreThanTheIdleTimeout();

            work.complete();

            assertThat(connection.readToEnd().split("HTTP/1.1 200 OK", -1)).hasSize(3);
        }
    }

    @Test
    void aConnectionIsKeptForTheNextRequest() {
        try (RawConnection connection = listener.connect()) {
            String get = "GET /things/a HTTP/1.1\nHost: x\n\n";

            assertThat(connection.send(get).readAnswer()).startsWith("HTTP/1.1 200");
            assertThat(connection.send(get).readAnswer()).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void anErrorWithAReadBodyKeepsTheConnection() {
        try (RawConnection connection = listener.connect()) {
            String wrong = ECHO + "Content-Length: 1\n\n{";

            assertProblem(connection.send(wrong).readAnswer(), 400, "malformed-request");
            assertProblem(connection.send(wrong).readAnswer(), 400, "malformed-request");
        }
    }

    private static void awaitMoreThanTheIdleTimeout() {
        long began = System.nanoTime();
        await().until(() -> System.nanoTime() - began > 3 * LoneListener.IDLE_TIMEOUT.toNanos());
    }

    private static void assertProblem(String answer, int status, String code) {
        assertThat(answer).matches("(?s)HTTP/\\d\\.\\d " + status + " .*");
        assertThat(answer)
                .contains("content-type: application/problem+json")
                .contains("x-content-type-options: nosniff");
        String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
        assertThat(body)
                .satisfies(text -> assertThat(
                                new ObjectMapper().readTree(text).path("code").asText())
                        .isEqualTo(code));
    }
}
