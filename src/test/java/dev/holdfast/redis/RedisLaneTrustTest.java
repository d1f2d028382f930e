package dev.holdfast.redis;

import static dev.holdfast.redis.RedisSeed.recorded;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.dev.LocalRedis;
import dev.holdfast.reservation.Cursor;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.HoldRequest;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LaneBook;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StaleLane;
import dev.holdfast.reservation.Unavailable;
import dev.holdfast.support.RedisRoles;
import dev.holdfast.support.TestServers;
import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.KillArgs;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.XTrimArgs;
import io.lettuce.core.protocol.CommandType;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisLaneTrustTest {

    private final Book book = new Book();
    private LocalRedis server;
    private RedisRoom room;
    private RedisSeed seed;
    private RedisLaneTrust trust;

    @BeforeEach
    void connect() {
        server = TestServers.ownRedis();
        room = RedisRoom.at(server.uri());
        seed = RedisSeed.openSale(room).stock("A", 9);
        trust = new RedisLaneTrust(room.calls, room.stream, book);
    }

    @AfterEach
    void disconnect() {
        room.close();
    }

    @Test
    void aLaneThatHasAllThatIsRecordedIsAskedForOnce() {
        book.recorded = 2;

        Lane first = room.await(() -> trust.require(seed.lane));
        Future<Lane> again = trust.require(seed.lane);

        assertThat(first).isEqualTo(seed.lane);
        assertThat(again.succeeded()).isTrue();
        assertThat(trust.require(seed.lane)).as("no object made").isSameAs(again);
        assertThat(book.asked).hasValue(1);
        assertThat(book.lost).isEmpty();
    }

    @Test
    void requestsThatComeTogetherShareOneCheck() {
        book.recorded = 2;
        book.gate = Promise.promise();

        Future<Lane> first = room.onLoop(() -> trust.require(seed.lane));
        Future<Lane> second = room.onLoop(() -> trust.require(seed.lane));
        book.gate.complete();
        room.await(() -> Future.join(first, second));

        assertThat(book.asked).hasValue(1);
    }

    @Test
    void aLedgerThatEndsBeforeWhatIsRecordedIsReportedAsLost() {
        book.recorded = 3;

        Throwable failure = room.failureOf(() -> trust.require(seed.lane));

        assertThat(failure).isInstanceOf(StaleLane.class);
        assertThat(book.lost).hasSize(1);
        assertThat(book.lost.getFirst()).contains("ends at 2").contains("recorded is 3");
    }

    @Test
    void aLaneThatRedisDoesNotHaveIsReportedAsLost() {
        room.look().flushall();

        Throwable failure = room.failureOf(() -> trust.require(seed.lane));

        assertThat(failure).isInstanceOf(StaleLane.class);
        assertThat(book.lost).hasSize(1);
    }

    @Test
    void aLaneThatVanishesUnderAnOpenConnectionIsNoticedAtTheNextCall() {
        room.await(() -> trust.require(seed.lane));
        room.look().flushall();

        Throwable call = room.failureOf(() -> room.step.stock(seed.lane));
        Throwable failure = room.failureOf(() -> trust.require(seed.lane));

        assertThat(call).isInstanceOf(StaleLane.class);
        assertThat(failure).isInstanceOf(StaleLane.class);
        assertThat(book.lost).hasSize(1);
    }

    @Test
    void afterAReconnectALaneIsAskedForAnew() {
        room.await(() -> trust.require(seed.lane));
        long generation = room.redis.generation();

        server.kill();
        server.restart();
        Awaitility.await().until(() -> room.redis.generation() > generation && room.redis.connected());
        room.await(() -> trust.require(seed.lane));
        book.recorded = 3;
        room.await(() -> trust.require(seed.lane));

        assertThat(book.asked).hasValue(2);
        assertThat(book.lost).isEmpty();
    }

    @Test
    void aConnectionThatBrokeWhileRedisLivedOnNeedsNoPostgres() {
        room.await(() -> trust.require(seed.lane));
        long generation = room.redis.generation();
        book.failure = new Unavailable(Unavailable.Reason.POSTGRES_UNAVAILABLE, "away", null);

        assertThat(room.look().clientKill(KillArgs.Builder.typeNormal())).isPositive();
        Awaitility.await().until(() -> room.redis.generation() > generation && room.redis.connected());
        Lane lane = room.await(() -> trust.require(seed.lane));

        assertThat(lane).isEqualTo(seed.lane);
        assertThat(book.asked).hasValue(1);
    }

    @Test
    void whatOneConnectionOfTheNodeFoundHoldsForAllOfThem() {
        room.await(() -> trust.require(seed.lane));
        book.failure = new Unavailable(Unavailable.Reason.POSTGRES_UNAVAILABLE, "away", null);

        try (RedisRoom other = room.neighbour(RedisRoom.patient(server.uri()))) {
            Lane lane = other.await(() -> new RedisLaneTrust(other.calls, other.stream, book).require(seed.lane));

            assertThat(lane).isEqualTo(seed.lane);
        }
    }

    @Test
    void aSaleThatACallerWasToldOfAndThatIsGoneIsReportedAsLostThoughNobodyRecordedIt() {
        room.await(() -> trust.require(seed.lane));
        seed.held("ann", "A", 1);

        comeBackEndingAt(2);
        Throwable failure = room.failureOf(() -> trust.require(seed.lane));

        assertThat(failure).isInstanceOf(StaleLane.class);
        assertThat(book.lost).hasSize(1);
        assertThat(book.lost.getFirst()).contains("ends at 2").contains("knows of 3");
    }

    @Test
    void aSaleThatAnotherConnectionOfTheNodeWasToldOfAndThatIsGoneIsReportedAsLost() {
        try (RedisRoom other = room.neighbour(RedisRoom.patient(server.uri()))) {
            RedisLaneTrust others = new RedisLaneTrust(other.calls, other.stream, book);
            other.await(() -> others.require(seed.lane));
            seed.held("ann", "A", 1);
            long generation = other.redis.generation();

            comeBackEndingAt(2);
            Awaitility.await().until(() -> other.redis.generation() > generation && other.redis.connected());
            Throwable failure = other.failureOf(() -> others.require(seed.lane));

            assertThat(failure).isInstanceOf(StaleLane.class);
            assertThat(book.lost).hasSize(1);
            assertThat(book.lost.getFirst()).contains("ends at 2").contains("knows of 3");
        }
    }

    @Test
    void whatAnotherConnectionSellsWhileALaneIsLookedAtIsNotMissedInIt() {
        ReplyProxy proxy = ReplyProxy.before(server.uri());
        RedisSettings patient = RedisRoom.patient(proxy.uri());
        try (RedisRoom other = room.neighbour(patient)) {
            RedisLaneTrust others = new RedisLaneTrust(other.calls, other.stream, book);
            // Another lane first, so that only this one's end is asked for below.
            other.await(() -> others.require(RedisSeed.openSale(room).lane));
            room.look().configResetstat();
            proxy.holdReplies();
            Future<Lane> looking = other.onLoop(() -> others.require(seed.lane));
            Awaitility.await().until(() -> room.look().info("commandstats").contains("cmdstat_evalsha:calls=1,"));

            seed.held("ann", "A", 1);
            proxy.letGo();
            Lane whole = other.await(() -> looking);

            assertThat(whole).isEqualTo(seed.lane);
            assertThat(book.lost).isEmpty();
        } finally {
            proxy.close();
        }
    }

    @Test
    void whatCallersWereToldOfAnOlderEpochDoesNotCount() {
        Lane older = new Lane(seed.sale.id(), 0, seed.lane.epoch() - 1);
        room.calls.witnesses().tell(older, 90);

        Lane whole = room.await(() -> trust.require(seed.lane));
        room.calls.witnesses().tell(seed.lane, 1);
        room.calls.witnesses().tell(older, 91);

        assertThat(whole).isEqualTo(seed.lane);
        assertThat(room.calls.witnesses().lastTold(seed.lane)).isEqualTo(1);
        assertThat(room.calls.witnesses().lastTold(older)).isZero();
    }

    @Test
    void aPostgresqlThatIsSilentKeepsNobodyWaitingAndIsAskedAgain() {
        RedisSeed behind = RedisSeed.openSale(room);
        book.gate = Promise.promise();

        Throwable asked = room.failureOf(() -> trust.require(seed.lane));
        book.gate = null;
        book.recorded = 3;
        book.reporting = Promise.promise();
        Throwable told = room.failureOf(() -> trust.require(behind.lane));
        book.recorded = 2;
        Lane whole = room.await(() -> trust.require(seed.lane));

        ScriptCallsTest.assertReason(asked, Unavailable.Reason.POSTGRES_UNAVAILABLE);
        ScriptCallsTest.assertReason(told, Unavailable.Reason.POSTGRES_UNAVAILABLE);
        assertThat(whole).isEqualTo(seed.lane);
    }

    @Test
    void whatFailedIsAskedAgain() {
        book.failure = new StaleLane(seed.lane, "RECOVERING");

        Throwable first = room.failureOf(() -> trust.require(seed.lane));
        book.failure = null;
        Lane second = room.await(() -> trust.require(seed.lane));

        assertThat(first).isInstanceOf(StaleLane.class);
        assertThat(second).isEqualTo(seed.lane);
        assertThat(book.lost).isEmpty();
    }

    @Test
    void aMasterThatWasAReplicaInBetweenIsAnotherReignForEveryConnectionOfTheNode() {
        LocalRedis older = copyOfNow();
        try (RedisRoom other = room.neighbour(RedisSettings.of(server.uri()))) {
            RedisLaneTrust others = new RedisLaneTrust(other.calls, other.stream, book);
            room.await(() -> trust.require(seed.lane));
            other.await(() -> others.require(seed.lane));
            seed.held("ann", "A", 1);
            long generation = other.redis.generation();

            takeOver(older);
            room.await(() -> trust.look().otherwiseEmpty());
            Throwable failure = other.failureOf(() -> others.require(seed.lane));

            assertThat(failure).isInstanceOf(StaleLane.class);
            assertThat(other.redis.generation()).as("the connection lived on").isEqualTo(generation);
            assertThat(book.lost.getFirst()).contains("ends at 2").contains("told of 3");
        } finally {
            older.stop();
        }
    }

    @Test
    void aCallIsRefusedBeforeItWritesWhereRedisForgotWhatAnotherConnectionWasToldOf() {
        LocalRedis older = copyOfNow();
        try (RedisRoom other = room.neighbour(RedisSettings.of(server.uri()))) {
            RedisLaneTrust others = new RedisLaneTrust(other.calls, other.stream, book);
            room.await(() -> trust.require(seed.lane));
            other.await(() -> others.require(seed.lane));
            seed.held("ann", "A", 1);

            takeOver(older);
            // Nobody has looked since: the connection believes what it was told.
            Throwable refused = other.failureOf(() -> other.step.count(seed.lane, new Sku("A")));
            Throwable lost = room.failureOf(() -> trust.require(seed.lane));

            assertThat(refused).isInstanceOf(StaleLane.class);
            assertThat(lost).as("what one connection met is doubted by all").isInstanceOf(StaleLane.class);
            assertThat(book.lost).hasSize(1);
        } finally {
            older.stop();
        }
    }

    @Test
    void aShortHistoryThatHasGrownPastTheCursorIsFoundByItsOtherPast() {
        seed.held("ann", "A", 1);
        book.recorded = 3;
        book.hash = Cursor.hashOf("held by somebody else, before Redis forgot it");

        Throwable failure = room.failureOf(() -> trust.require(seed.lane));

        assertThat(failure).isInstanceOf(StaleLane.class);
        assertThat(book.lost).hasSize(1);
        assertThat(book.lost.getFirst()).contains("another entry at 3");
    }

    @Test
    void aLedgerThatDoesNotHaveTheRecordedEntryIsReportedAsLost() {
        seed.held("ann", "A", 1);
        book.recorded = 3;
        book.hash = Cursor.hashOf(seed.ledger().getLast().text());
        assertThat(room.look().xtrim(seed.keys().ledger(), XTrimArgs.Builder.maxlen(0)))
                .isPositive();

        Throwable failure = room.failureOf(() -> trust.require(seed.lane));

        assertThat(failure).isInstanceOf(StaleLane.class);
        assertThat(book.lost.getFirst()).contains("does not have the entry at 3");
    }

    @Test
    void aCursorThatMovedOnWhileTheLaneWasLookedAtIsNoLoss() {
        seed.held("ann", "A", 1);
        seed.held("bob", "A", 1);
        book.recorded = 3;
        book.hash = Cursor.hashOf(seed.ledger().get(2).text());
        room.await(() -> room.stream.trim(seed.lane, recorded(4)));
        assertThat(room.look().xtrim(seed.keys().ledger(), XTrimArgs.Builder.maxlen(1)))
                .isPositive();
        book.afterTheFirst = new Cursor(4, Cursor.hashOf(seed.ledger().getLast().text()));

        Lane whole = room.await(() -> trust.require(seed.lane));

        assertThat(whole).isEqualTo(seed.lane);
        assertThat(book.lost).isEmpty();
    }

    @Test
    void aRedisThatDoesNotTellWhatItIsIsTrustedForAsLongAsAConnection() {
        LocalRedis silent = TestServers.ownRedis();
        try (RedisRoom quiet = RedisRoom.at(silent.uri())) {
            RedisSeed there = RedisSeed.openSale(quiet);
            assertThat(quiet.look().aclSetuser("default", AclSetuserArgs.Builder.removeCommand(CommandType.INFO)))
                    .isEqualTo("OK");
            RedisLaneTrust first = new RedisLaneTrust(quiet.calls, quiet.stream, book);
            try (RedisRoom other = quiet.neighbour(RedisSettings.of(silent.uri()))) {
                RedisLaneTrust second = new RedisLaneTrust(other.calls, other.stream, book);

                quiet.await(() -> first.require(there.lane));
                quiet.await(() -> first.require(there.lane));
                other.await(() -> second.require(there.lane));
            }
        } finally {
            silent.stop();
        }

        assertThat(book.asked).hasValue(2);
    }

    @Test
    void aNewHoldThatIsNotAboveWhatIsKnownIsToldToNobodyWhateverTheScriptSays() {
        String text = Scripts.bundled().text(Script.HOLD);
        String unguarded = text.replace("seq < tonumber(known)", "false");
        assertThat(unguarded).isNotEqualTo(text);
        Scripts scripts = Scripts.bundled().with(Map.of(Script.HOLD, unguarded));
        try (RedisRoom planted = new RedisRoom(RedisSettings.of(server.uri()), server.uri(), scripts)) {
            planted.calls.witnesses().see(seed.lane, 50);
            HoldRequest request =
                    new HoldRequest(seed.sale.id(), new CustomerId("ann"), RedisSeed.cart("A", 1), null, null);

            Throwable failure =
                    planted.failureOf(() -> planted.step.hold(seed.lane, seed.newId(), RedisSeed.FINGERPRINT, request));

            assertThat(failure).isInstanceOf(StaleLane.class).hasMessageContaining("this node knew of 50");
        }
    }

    /** A server that has what this one has now, and will not hear of more. */
    private LocalRedis copyOfNow() {
        LocalRedis copy = RedisRoles.server();
        RedisRoles.demote(copy, server);
        RedisRoles.promote(copy);
        return copy;
    }

    /** The data are the other's from now on, and the process and its connections stay. */
    private void takeOver(LocalRedis older) {
        RedisRoles.demote(server, older);
        RedisRoles.promote(server);
    }

    /** Redis's past as an older copy of it would have it. */
    private void comeBackEndingAt(long seq) {
        long generation = room.redis.generation();
        String ledger = seed.keys().ledger();
        room.await(() -> room.stream.trim(seed.lane, recorded(seq)));
        assertThat(room.look().xtrim(ledger, XTrimArgs.Builder.maxlen(0))).isPositive();
        String seen = room.look()
                .eval(
                        "return redis.call('XSETID', KEYS[1], ARGV[1]).ok",
                        ScriptOutputType.VALUE,
                        new String[] {ledger},
                        seed.lane.epoch() + "-" + seq);
        assertThat(seen).isEqualTo("OK");
        assertThat(room.look().hset(seed.keys().sale(), "seq", Long.toString(seq)))
                .isFalse();
        server.kill();
        server.restart();
        Awaitility.await().until(() -> room.redis.generation() > generation && room.redis.connected());
    }

    /** What PostgreSQL would say. */
    private static final class Book implements LaneBook {

        private final List<String> lost = new ArrayList<>();
        private volatile long recorded;
        private volatile String hash;
        private volatile Cursor afterTheFirst;
        private volatile RuntimeException failure;
        private volatile Promise<Void> gate;
        private volatile Promise<Void> reporting;
        private final AtomicInteger asked = new AtomicInteger();

        @Override
        public Future<Cursor> cursor(Lane lane) {
            asked.incrementAndGet();
            if (failure != null) {
                return Future.failedFuture(failure);
            }
            return gate == null ? Future.succeededFuture(now()) : gate.future().map(open -> now());
        }

        private Cursor now() {
            return afterTheFirst != null && asked.get() > 1 ? afterTheFirst : new Cursor(recorded, hash);
        }

        @Override
        public Future<Void> reportLost(Lane lane, String why) {
            lost.add(why);
            return reporting == null ? Future.succeededFuture() : reporting.future();
        }
    }
}
