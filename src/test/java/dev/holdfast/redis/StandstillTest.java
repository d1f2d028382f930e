package dev.holdfast.redis;

import static dev.holdfast.redis.RedisSeed.cart;
import static dev.holdfast.redis.ScriptCallsTest.assertReason;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.HoldOutcome;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.Unavailable.Reason;
import dev.holdfast.support.TestServers;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A node that stood still asks anew before it acknowledges anything: what Redis answered before may be untrue by now. */
class StandstillTest {

    private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(3);

    private ReplyProxy proxy;
    private RedisRoom room;
    private RedisSeed seed;

    @BeforeEach
    void connectThroughTheProxy() {
        String uri = TestServers.ownRedis().uri();
        proxy = ReplyProxy.before(uri);
        RedisSettings settings = new RedisSettings(proxy.uri(), Duration.ofSeconds(2), COMMAND_TIMEOUT, 4096);
        room = new RedisRoom(settings, uri, Scripts.bundled());
        seed = RedisSeed.openSale(room).stock("A", 9);
        seed.held("zoe", "A", 1);
    }

    @AfterEach
    void disconnect() {
        proxy.letGo();
        room.close();
        proxy.close();
    }

    @Test
    void aHoldThatExpiredMeanwhileIsNotAcknowledgedAsHeld() throws Exception {
        ReservationId id = seed.newId();
        proxy.holdReplies();
        Future<HoldOutcome> hold = room.onLoop(() -> seed.tryHold(id, "ann", cart("A", 2), 1));
        awaitUnits(6);

        standStillFor(COMMAND_TIMEOUT.plusSeconds(1));
        HoldOutcome outcome = room.await(() -> hold);

        assertThat(outcome).isInstanceOf(HoldOutcome.Replayed.class);
        Reservation told = ((HoldOutcome.Replayed) outcome).reservation();
        assertThat(told.asOfReading().state()).isEqualTo(ReservationState.EXPIRED);
    }

    @Test
    void aHoldThatIsStillHeldIsAcknowledgedWithWhatIsLeftOfIt() throws Exception {
        ReservationId id = seed.newId();
        proxy.holdReplies();
        Future<HoldOutcome> hold = room.onLoop(() -> seed.tryHold(id, "ann", cart("A", 2), 60));
        awaitUnits(6);

        standStillFor(COMMAND_TIMEOUT.plusSeconds(1));
        HoldOutcome outcome = room.await(() -> hold);

        assertThat(outcome).isInstanceOf(HoldOutcome.Replayed.class);
        Reservation told = ((HoldOutcome.Replayed) outcome).reservation();
        assertThat(told.state()).isEqualTo(ReservationState.HELD);
        assertThat(told.remainingMs()).isLessThanOrEqualTo(60_000 - COMMAND_TIMEOUT.toMillis());
        assertThat(seed.units("A")).containsExactly(6L, 3L, 0L);
    }

    @Test
    void aChangeThatIsNotRepeatableIsUnknown() throws Exception {
        Reservation held = seed.held("bob", "A", 1);
        seed.extend(held, 61);
        proxy.holdReplies();
        Future<ChangeOutcome> extend = room.onLoop(() -> room.step.extend(seed.lane, held.id(), 200, null));
        Awaitility.await()
                .until(() ->
                        room.look().hget(seed.keys().holds(), held.id().key()).startsWith("H 3 "));

        standStillFor(COMMAND_TIMEOUT.plusSeconds(1));

        assertReason(room.failureOf(() -> extend), Reason.OUTCOME_UNKNOWN);
    }

    @Test
    void whatIsKnownOfRedisIsAskedAnew() throws Exception {
        long before = room.await(() -> Future.succeededFuture(room.redis.generation()));

        standStillFor(Pulse.STANDSTILL.plusMillis(500));
        long after = room.await(() -> Future.succeededFuture(room.redis.generation()));
        long later = room.await(() -> Future.succeededFuture(room.redis.generation()));

        assertThat(after).isGreaterThan(before);
        assertThat(later).isEqualTo(after);
    }

    /** What arrives meanwhile waits in the socket. */
    private void standStillFor(Duration time) throws InterruptedException {
        CountDownLatch over = new CountDownLatch(1);
        CountDownLatch standing = new CountDownLatch(1);
        room.context().runOnContext(on -> {
            standing.countDown();
            awaitUninterrupted(over);
        });
        standing.await();
        long since = System.nanoTime();
        proxy.letGo();
        Awaitility.await().until(() -> System.nanoTime() - since > time.toNanos());
        over.countDown();
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitUnits(long available) {
        Awaitility.await().until(() -> seed.units("A").getFirst() == available);
    }
}
