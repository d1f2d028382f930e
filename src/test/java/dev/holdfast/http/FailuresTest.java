package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.StaleLane;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a caller is told of what is broken behind the listener. */
class FailuresTest {

    private static final String SECRET = "select secret from vault";

    private static LoneListener listener;

    @BeforeAll
    static void listen() {
        listener = new LoneListener(List.of(
                Endpoint.get("/unavailable/{reason}", Access.OPEN, FailuresTest::unavailable),
                Endpoint.get("/stale", Access.OPEN, FailuresTest::stale),
                Endpoint.get("/throws", Access.OPEN, FailuresTest::thrown),
                Endpoint.get("/fails", Access.OPEN, call -> Future.failedFuture(new IllegalStateException(SECRET))),
                Endpoint.get("/elsewhere", Access.OPEN, FailuresTest::elsewhere),
                Endpoint.post("/counted", Access.CHECKOUT, FailuresTest::counted)
                        .count()));
    }

    @AfterAll
    static void close() {
        listener.close();
    }

    private static Future<Reply> unavailable(Call call) {
        return Future.failedFuture(new Unavailable(Unavailable.Reason.valueOf(call.inPath("reason")), SECRET, null));
    }

    private static Future<Reply> stale(Call call) {
        return Future.failedFuture(new StaleLane(new Lane(new SaleId("s"), 0, 1), "STALE_EPOCH"));
    }

    private static Future<Reply> thrown(Call call) {
        throw new IllegalStateException(SECRET);
    }

    private static Future<Reply> elsewhere(Call call) {
        Promise<Reply> promise = Promise.promise();
        Thread.ofPlatform().start(() -> promise.complete(Answer.json(200, json -> {})));
        return promise.future();
    }

    private static Future<Reply> counted(Call call) {
        return Future.succeededFuture(Answer.json(200, json -> {}).countedAs("held"));
    }

    @ParameterizedTest
    @EnumSource(Unavailable.Reason.class)
    void whatIsAwayIsNamedWithWhenToComeBack(Unavailable.Reason reason) {
        String answer = get("/unavailable/" + reason.name());

        String code = reason.name().toLowerCase(Locale.ROOT).replace('_', '-');
        assertThat(answer)
                .startsWith("HTTP/1.1 503 ")
                .contains("retry-after: 1\r\n")
                .contains("\"code\":\"" + code + "\"")
                .doesNotContain(SECRET);
    }

    @Test
    void aLaneThatIsNotWhatItWasIsRecovering() {
        assertThat(get("/stale")).startsWith("HTTP/1.1 503 ").contains("\"code\":\"recovering\"");
    }

    @Test
    void aFaultOfOursTellsNothingButItsTrace() {
        for (String path : List.of("/throws", "/fails")) {
            assertThat(get(path))
                    .startsWith("HTTP/1.1 500 ")
                    .contains("\"code\":\"internal-error\"")
                    .contains("\"traceId\":\"")
                    .doesNotContain(SECRET)
                    .doesNotContain("Exception");
        }
    }

    @Test
    void whatComesFromAnotherThreadIsAnsweredToo() {
        assertThat(get("/elsewhere")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void answersAboutReservationsAreCountedByWhatCameOfThem() {
        String request = "POST /counted HTTP/1.1\nHost: x\n%s\n";
        try (RawConnection connection = listener.connect()) {
            connection.send(request.formatted("")).readAnswer();
            connection
                    .send(request.formatted("Authorization: Bearer checkout-secret\n"))
                    .readAnswer();
        }

        assertThat(count("held")).isEqualTo(1);
        assertThat(count("unauthorized")).isEqualTo(1);
        assertThat(listener.meters
                        .get("holdfast.request")
                        .tags("route", "/counted", "status", "401")
                        .timer()
                        .count())
                .isEqualTo(1);
    }

    private static double count(String outcome) {
        return listener.meters
                .get("holdfast.reservations")
                .tag("outcome", outcome)
                .counter()
                .count();
    }

    private static String get(String path) {
        try (RawConnection connection = listener.connect()) {
            return connection.send("GET " + path + " HTTP/1.1\nHost: x\n\n").readAnswer();
        }
    }
}
