package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.HoldOutcome;
import dev.holdfast.reservation.Recorded;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StaleLane;
import dev.holdfast.reservation.Suspects;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody wrote into Redis that is not ours: it keeps nobody from buying but whom it is about. */
class UnreadableTest {

    private static RedisRoom room;

    @BeforeAll
    static void connect() {
        room = RedisRoom.shared();
    }

    @AfterAll
    static void disconnect() {
        room.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rubbish",
                "",
                "H",
                "X 1 2 0 1796000000000 60000 Zm9v ann A 1",
                "H 1 2 0 1796000000000 60000 Zm9v ann A one",
                "H 1 2 0 1796000000000 60000 Zm9v ann A 1 B",
                "H 1 2 0 nan 60000 Zm9v ann A 1",
                "H 1 2 0 17960000000000000 60000 Zm9v ann A 1",
                "H 99999999999999999999 2 0 1796000000000 60000 Zm9v ann A 1",
                "H 1 99999999999999999999 0 1796000000000 60000 Zm9v ann A 1",
                "H 1 2 0 1796000000000 60000 Zm9v ann A 99999999999999999999",
                "H 1 2 0 1796000000000 60000 Zm9v ann A 1 B 99999999999999999999"
            })
    void aHoldThatCannotBeReadIsSaidToBeSoAndStaysAsItIs(String value) {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        Reservation held = seed.held("ann", "A", 2);
        String key = held.id().key();
        room.look().hset(seed.keys().holds(), key, value);
        room.calls.witnesses().suspects().take();

        assertRecovering(() -> room.step.confirm(seed.lane, held.id()));
        assertRecovering(() -> room.step.release(seed.lane, held.id()));
        assertRecovering(() -> room.step.extend(seed.lane, held.id(), 60, null));
        assertRecovering(() -> room.step.replace(seed.lane, held.id(), RedisSeed.cart("A", 1), null));
        assertRecovering(() -> room.calls.call(Script.SHRINK, seed.lane, key, "0", "A 1", "0"));
        assertRecovering(() -> reclaim(seed, held));
        assertRecovering(() -> room.step.find(seed.lane, held.id()));
        assertRecovering(() -> seed.tryHold(new ReservationId(key), "ann", RedisSeed.cart("A", 2), null));

        assertThat(room.look().hget(seed.keys().holds(), key)).isEqualTo(value);
        assertThat(room.calls.witnesses().suspects().take()).containsExactly(new Suspects.Hold(seed.lane, key));
        assertThat(seed.units("A")).containsExactly(7L, 2L, 0L);
        seed.held("bob", "A", 7);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a|b A 1", "ann A! 1", "ann A 0", "ann A 1 A 1"})
    void whatOnlyTheScriptsCanReadIsSaidToBeUnreadableToo(String customerAndLines) {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        Reservation held = seed.held("ann", "A", 2);
        Reservation other = seed.held("bob", "A", 1);
        String value = "H 1 3 0 " + held.heldAtMs() + " 60000 Zm9v " + customerAndLines;
        room.look().hset(seed.keys().holds(), held.id().key(), value);
        room.calls.witnesses().suspects().take();

        assertRecovering(() -> room.step.find(seed.lane, held.id()));
        assertThat(room.await(() -> room.step.expiries(seed.lane, new Sku("A"), 5))
                        .soonest())
                .extracting(Reservation::id)
                .containsExactly(other.id());

        assertThat(room.calls.witnesses().suspects().take())
                .containsExactly(new Suspects.Hold(seed.lane, held.id().key()));
    }

    @Test
    void holdsThatCannotBeReadGiveWayToThoseThatAreDueBehindThem() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 1_000);
        for (int i = 0; i < 120; i++) {
            Reservation held = seed.held("c-" + i, "A", 1);
            if (i < 110) {
                room.look().hset(seed.keys().holds(), held.id().key(), "rubbish");
            }
        }
        seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));

        seed.call(Script.EXPIRE, "100");
        seed.call(Script.EXPIRE, "100");

        assertThat(seed.units("A")).containsExactly(890L, 110L, 0L);
        assertThat(seed.count("A").available()).isEqualTo(890);
        seed.held("bob", "A", 890);
    }

    @Test
    void whatIsDueTooEarlyEndsAtItsOwnDeadline() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        Reservation held = seed.held("ann", "A", 2);
        Reservation sold = seed.held("ann", "A", 1);
        seed.confirm(sold);
        room.await(() -> room.stream.trim(seed.lane, new Recorded(5, 5, 1)));
        room.look().zadd(seed.keys().due(), 1, held.id().key());
        room.look().zadd(seed.keys().due(), 1, sold.id().key());

        assertThat(seed.count("A").held()).isEqualTo(2);

        assertThat(room.look().zscore(seed.keys().due(), held.id().key())).isEqualTo((double) held.expiresAtMs());
        assertThat(room.look().hexists(seed.keys().holds(), sold.id().key())).isTrue();
        seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));
        assertThat(seed.count("A").held()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rubbish", "nan", "1e3", "0x10", "", "1.5"})
    void countsThatCannotBeReadConcernTheirSkuAlone(String value) {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9, 0, "P").stock("B", 2, 0, "P");
        Reservation confirmed = seed.held("ann", "A", 2);
        Reservation released = seed.held("ann", "A", 1);
        Reservation lost = seed.held("cid", "A", 1);
        room.look().hdel(seed.keys().holds(), lost.id().key());
        List<String> meant = List.of(confirmed.id().key(), "" + confirmed.id().heldAtMs());
        room.look().hset(seed.keys().stock(), "A|available", value);
        room.look().hset(seed.keys().stock(), "A|held", value);

        assertRecovering(() -> seed.tryHold(seed.newId(), "bob", RedisSeed.cart("A", 1), null));
        assertRecovering(() -> seed.tryHold(seed.newId(), "bob", RedisSeed.cart("A", 1, "B", 1), null));
        assertRecovering(() -> room.step.count(seed.lane, new Sku("A")));
        assertRecovering(() -> room.step.expiries(seed.lane, new Sku("A"), 5));
        assertRecovering(() -> reclaim(seed, lost));
        assertRecovering(() -> room.calls.call(Script.SHRINK, seed.lane, meant.get(0), meant.get(1), "A 1", "0"));
        seed.confirm(confirmed);
        seed.release(released);
        seed.held("bob", "B", 2);

        assertThat(seed.hold("cid", "B", 1)).isInstanceOf(HoldOutcome.Refused.class);
        assertThat(room.await(() -> room.step.stock(seed.lane)).all())
                .extracting(count -> count.sku().value())
                .containsExactly("B");
        assertThat(room.look().hget(seed.keys().stock(), "A|sold")).isEqualTo("2");
        assertThat(room.look().hget(seed.keys().stock(), "A|available")).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"offset_ms", "recorded_seq", "seq"})
    void aSaleThatCannotBeReadIsALaneThatIsNotThere(String field) {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        for (String value : List.of("rubbish", "nan", "")) {
            room.look().hset(seed.keys().sale(), field, value);

            Throwable refused = room.failureOf(() -> seed.tryHold(seed.newId(), "bob", RedisSeed.cart("A", 1), null));

            assertThat(refused).as(value).isInstanceOf(StaleLane.class);
            assertThat(seed.units("A")).containsExactly(9L, 0L, 0L);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"state", "opens_at_ms", "closes_at_ms", "hold_ms", "max_hold_ms", "customer_limit"})
    void aSettingThatCannotBeReadIsNamedAtOnceAndNothingElseIsInDoubt(String field) {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        Reservation held = seed.held("ann", "A", 2);
        room.calls.witnesses().suspects().take();
        for (String value : List.of("rubbish", "nan", "")) {
            room.look().hset(seed.keys().sale(), field, value);

            Throwable refused = room.failureOf(() -> seed.tryHold(seed.newId(), "bob", RedisSeed.cart("A", 1), null));

            assertThat(refused)
                    .as(value)
                    .isInstanceOfSatisfying(
                            Unavailable.class,
                            failure -> assertThat(failure.told().orElseThrow()).contains("setting " + field));
            assertRecovering(() -> room.step.standing(seed.lane));
            assertThat(room.calls.witnesses().suspects().take()).containsExactly(new Suspects.Settings(seed.lane));
        }
        seed.confirm(held);
        assertThat(seed.units("A")).containsExactly(7L, 0L, 2L);
    }

    @Test
    void aVersionThatCannotBeReadKeepsNobodyFromBuyingAndGivesWayToTheNextChange() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        room.look().hset(seed.keys().sale(), "version", "rubbish");
        room.look().hset(seed.keys().sale(), "longest_ms", "nan");

        seed.held("ann", "A", 2);
        assertRecovering(() -> room.step.standing(seed.lane));
        seed.limit(3);

        assertThat(seed.hold("bob", "A", 4)).isInstanceOf(HoldOutcome.Refused.class);
        assertThat(room.await(() -> room.step.standing(seed.lane)).state()).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"lag_ms", "seen_ms", "doubt", "retention_ms", "pending", "lag_until", "longest_ms"})
    void whatALaneRemembersAndCannotReadKeepsNobodyFromBuying(String field) {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        for (String value : List.of("rubbish", "nan", "")) {
            room.look().hset(seed.keys().sale(), field, value);

            seed.release(seed.held("ann", "A", 2));
        }

        assertThat(seed.units("A")).containsExactly(9L, 0L, 0L);
    }

    @Test
    void whatAProductRemembersAndCannotReadKeepsNobodyFromBuying() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 2, 0, "P").stock("B", 9, 0, "P");
        for (String field : List.of("|skus", "|product|P", "|page|0|P", "A|product", "B|product", "A|rules")) {
            room.look().hset(seed.keys().stock(), field, "nan");
        }

        seed.held("ann", "A", 2);
        assertThat(seed.hold("bob", "A", 1)).isInstanceOf(HoldOutcome.Refused.class);
        seed.stock("C", 5, 0, "P");

        seed.held("bob", "C", 5);
    }

    @Test
    void aBuyersUnitsThatCannotBeReadKeepNobodyFromBuying() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9).stock("B", 9).limit(5);
        Reservation held = seed.held("ann", "A", 2);
        Reservation other = seed.held("bob", "A", 1, "B", 1);
        room.look().hset(seed.keys().buyers(), "ann", "rubbish");
        room.look().hset(seed.keys().buyers(), "bob|A", "rubbish");

        seed.release(held);
        seed.release(other);
        seed.held("ann", "A", 3);
        seed.held("bob", "B", 3);

        assertThat(seed.units("A")).containsExactly(6L, 3L, 0L);
        assertThat(seed.units("B")).containsExactly(6L, 3L, 0L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sale", "stock", "buyers", "holds", "due", "ledger"})
    void aKeyOfAnotherTypeIsALaneThatIsNotThere(String name) {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        seed.held("ann", "A", 2);
        String key = "hf:{" + seed.lane.saleId() + "/0}:" + name;
        room.look().del(key);
        room.look().set(key, "a string");

        Throwable found = room.failureOf(() -> room.stream.lastSeq(seed.lane));

        assertThat(found).isInstanceOf(StaleLane.class);
        Throwable refused = room.failureOf(() -> seed.tryHold(seed.newId(), "bob", RedisSeed.cart("A", 1), null));
        assertThat(refused).isInstanceOf(StaleLane.class);
    }

    private static Future<?> reclaim(RedisSeed seed, Reservation lost) {
        return room.calls.call(
                Script.RECLAIM,
                seed.lane,
                lost.id().key(),
                "" + lost.heldAtMs(),
                "H",
                "1",
                "" + RedisSeed.HOLD_MS,
                RedisSeed.FINGERPRINT,
                lost.customerId().value(),
                "A 1");
    }

    private static void assertRecovering(Supplier<Future<?>> call) {
        assertThat(room.failureOf(call))
                .isInstanceOfSatisfying(
                        Unavailable.class,
                        failure -> assertThat(failure.reason()).isEqualTo(Unavailable.Reason.RECOVERING));
    }
}
