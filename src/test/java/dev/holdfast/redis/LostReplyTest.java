package dev.holdfast.redis;

import static dev.holdfast.redis.RedisSeed.cart;
import static dev.holdfast.redis.ScriptCallsTest.assertReason;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.HoldOutcome;
import dev.holdfast.reservation.HoldRequest;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.Unavailable;
import dev.holdfast.reservation.Unavailable.Reason;
import dev.holdfast.support.TestServers;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Redis did it, and nobody heard: what is unknown is called so, and nothing is done twice. */
class LostReplyTest {

    private static final Pattern CALLS = Pattern.compile("cmdstat_evalsha:calls=(\\d+)");

    private static String uri;

    private ReplyProxy proxy;
    private RedisRoom room;
    private RedisSeed seed;

    @BeforeAll
    static void startOneWhoseCallsAreCounted() {
        uri = TestServers.ownRedis().uri();
    }

    @BeforeEach
    void connectThroughTheProxy() {
        proxy = ReplyProxy.before(uri);
        room = new RedisRoom(RedisSettings.of(proxy.uri()), uri, Scripts.bundled());
        seed = RedisSeed.openSale(room).stock("A", 9);
        // Loads the scripts, so that every later call is one command.
        seed.release(seed.held("zoe", "A", 1));
        seed.confirm(seed.held("zoe", "A", 1));
        room.look().configResetstat();
    }

    @AfterEach
    void disconnect() {
        proxy.letGo();
        room.close();
        proxy.close();
    }

    @Test
    void aHoldWhoseReplyAndConnectionAreLostIsUnknownAndDoneOnce() {
        ReservationId id = seed.newId();
        HoldRequest request = new HoldRequest(seed.sale.id(), new CustomerId("ann"), cart("A", 2), null, null);
        Throwable failure;
        // Without a time-out, so that the hold is not repeated before the connection is lost.
        try (RedisRoom patient = new RedisRoom(RedisRoom.patient(proxy.uri()), proxy.target(), Scripts.bundled())) {
            proxy.holdReplies();
            Future<HoldOutcome> hold =
                    patient.onLoop(() -> patient.step.hold(seed.lane, id, RedisSeed.FINGERPRINT, request));
            awaitExecuted(1);

            long generation = patient.redis.generation();
            proxy.cut();
            failure = patient.failureOf(() -> hold);
            Awaitility.await().until(() -> patient.redis.generation() > generation && patient.redis.connected());
        }
        HoldOutcome again = askAgain(id);

        assertReason(failure, Reason.OUTCOME_UNKNOWN);
        assertThat(again).isInstanceOf(HoldOutcome.Replayed.class);
        assertThat(executed()).as("only the caller's own repetition").isEqualTo(2);
        assertThat(seed.units("A")).containsExactly(6L, 2L, 1L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aHoldWhoseReplyIsLateIsAskedOnceMoreAndAnswersTheTruth() {
        ReservationId id = seed.newId();
        proxy.holdRepliesUntil(2);

        HoldOutcome outcome = room.await(() -> seed.tryHold(id, "ann", cart("A", 2), null));

        assertThat(outcome).isInstanceOf(HoldOutcome.Replayed.class);
        assertThat(((HoldOutcome.Replayed) outcome).reservation().id().key()).isEqualTo(id.key());
        assertThat(executed()).isEqualTo(2);
        assertThat(seed.units("A")).containsExactly(6L, 2L, 1L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aHoldWithoutAKeyThatIsAskedTwiceIsNoReplay() {
        HoldRequest keyless = new HoldRequest(seed.sale.id(), new CustomerId("ann"), cart("A", 2), null, null);
        proxy.holdRepliesUntil(2);

        HoldOutcome outcome = room.await(() -> room.step.hold(seed.lane, seed.newId(), RedisSeed.FINGERPRINT, keyless));

        assertThat(outcome).isInstanceOf(HoldOutcome.Held.class);
        assertThat(seed.units("A")).containsExactly(6L, 2L, 1L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aReplyThatNeverComesIsUnknownAfterTwoAttempts() {
        Reservation reservation = seed.held("ann", "A", 1);
        room.look().configResetstat();
        proxy.holdReplies();

        Throwable failure = room.failureOf(() -> room.step.confirm(seed.lane, reservation.id()));
        proxy.letGo();
        ChangeOutcome again = seed.confirm(reservation);

        assertReason(failure, Reason.OUTCOME_UNKNOWN);
        assertThat(again).isInstanceOf(ChangeOutcome.Done.class);
        assertThat(executed()).isEqualTo(3);
        assertThat(seed.units("A")).containsExactly(7L, 0L, 2L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aReplacementThatSaysWhichRevisionItExpectsIsRepeated() {
        Reservation reservation = seed.held("ann", "A", 1);
        seed.replace(reservation, "A", 2);
        room.look().configResetstat();
        proxy.holdReplies();

        Throwable failure = room.failureOf(() -> room.step.replace(seed.lane, reservation.id(), cart("A", 3), 2L));
        proxy.letGo();
        ChangeOutcome again = room.await(() -> room.step.replace(seed.lane, reservation.id(), cart("A", 3), 2L));

        assertReason(failure, Reason.OUTCOME_UNKNOWN);
        assertThat(((ChangeOutcome.Done) again).reservation().revision()).isEqualTo(3);
        assertThat(executed()).isEqualTo(3);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void whatIsNotSafeToRepeatIsNotRepeated() {
        Reservation reservation = seed.held("ann", "A", 1);
        seed.replace(reservation, "A", 2);
        room.look().configResetstat();
        proxy.holdReplies();

        Throwable failure = room.failureOf(() -> room.step.replace(seed.lane, reservation.id(), cart("A", 3), null));
        proxy.letGo();

        assertReason(failure, Reason.OUTCOME_UNKNOWN);
        assertThat(executed()).isEqualTo(1);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aQuestionWithoutAnAnswerLeavesNothingInDoubt() {
        Reservation reservation = seed.held("ann", "A", 1);
        seed.find(reservation);
        proxy.holdReplies();

        Throwable late = room.failureOf(() -> room.step.find(seed.lane, reservation.id()));
        Future<ChangeOutcome> find = room.onLoop(() -> room.step.find(seed.lane, reservation.id()));
        proxy.cut();
        Throwable lost = room.failureOf(() -> find);

        assertReason(late, Reason.REDIS_UNAVAILABLE);
        assertReason(lost, Reason.REDIS_UNAVAILABLE);
    }

    @Test
    void whatIsAskedWithoutAConnectionIsSurelyNotDone() {
        ReservationId id = seed.newId();
        long generation = room.redis.generation();
        proxy.close();
        Awaitility.await().until(() -> !room.redis.connected());

        Throwable failure = room.failureOf(() -> seed.tryHold(id, "ann", cart("A", 2), null));

        assertReason(failure, Reason.REDIS_UNAVAILABLE);
        assertThat(room.redis.generation()).isEqualTo(generation);
        assertThat(executed()).isZero();
    }

    @Test
    void whatDoesNotFitIntoTheQueueIsOverload() {
        RedisSettings small = new RedisSettings(proxy.uri(), Duration.ofSeconds(2), Duration.ofMillis(500), 3);
        try (RedisRoom narrow = new RedisRoom(small, proxy.target(), Scripts.bundled())) {
            proxy.holdReplies();
            var first = narrow.onLoop(() -> narrow.stream.lastSeq(seed.lane));
            var second = narrow.onLoop(() -> narrow.stream.lastSeq(seed.lane));
            var third = narrow.onLoop(() -> narrow.stream.lastSeq(seed.lane));

            Throwable fourth = narrow.failureOf(() -> narrow.stream.lastSeq(seed.lane));
            Throwable givenUp = narrow.failureOf(() -> Future.join(first, second, third));
            Throwable fifth = narrow.failureOf(() -> narrow.stream.lastSeq(seed.lane));
            proxy.letGo();
            // Until the replies are there the queue is still full.
            Awaitility.await()
                    .ignoreExceptionsInstanceOf(Unavailable.class)
                    .untilAsserted(() -> assertThat(narrow.<Long>await(() -> narrow.stream.lastSeq(seed.lane)))
                            .isPositive());

            assertReason(fourth, Reason.OVERLOADED);
            assertReason(givenUp, Reason.REDIS_UNAVAILABLE);
            assertReason(fifth, Reason.OVERLOADED);
        }
    }

    private long executed() {
        Matcher matcher = CALLS.matcher(room.look().info("commandstats"));
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }

    private void awaitExecuted(long calls) {
        Awaitility.await().until(() -> executed() == calls);
    }

    /** On the usual connection, which was cut too. */
    private HoldOutcome askAgain(ReservationId id) {
        Awaitility.await().until(() -> room.redis.connected());
        return seed.hold(id, "ann", cart("A", 2), null);
    }
}
