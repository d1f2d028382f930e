package dev.holdfast.recorder;

import static dev.holdfast.ledger.TestBooks.await;
import static dev.holdfast.recorder.RecordingNode.SHOE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.dev.LocalPostgres;
import dev.holdfast.ledger.CloudEvent;
import dev.holdfast.ledger.TestBooks;
import dev.holdfast.redis.LaneKeys;
import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.SkuRules;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class RecorderTest {

    private static LocalPostgres mortal;

    private final String uri = TestServers.migratedDatabase();

    @Test
    void whatRedisDecidedIsInPostgresqlSoonAfterAndRedisKnowsIt() {
        try (RecordingNode node = new RecordingNode(uri, "node").record()) {
            Lane lane = node.openLane(10);
            Reservation confirmed = node.hold(lane, 2);
            Reservation released = node.hold(lane, 3);
            Reservation held = node.hold(lane, 1);
            await(node.step.confirm(lane, confirmed.id()));
            await(node.step.release(lane, released.id()));

            node.awaitRecorded(lane);

            assertThat(node.db.stock(lane, "SHOE")).isEqualTo("7/1/2 of 10");
            assertThat(archived(node, lane, confirmed)).isEqualTo(ReservationState.CONFIRMED);
            assertThat(archived(node, lane, released)).isEqualTo(ReservationState.RELEASED);
            assertThat(archived(node, lane, held)).isEqualTo(ReservationState.HELD);
            assertThat(node.audit(lane).balanced()).isTrue();
            await().untilAsserted(() -> assertThat(await(node.step.find(lane, held.id())))
                    .isInstanceOfSatisfying(
                            ChangeOutcome.Done.class,
                            done -> assertThat(done.reservation().recorded()).isTrue()));
            assertThat(node.meters.get("holdfast.recorded.events").counter().count())
                    .isGreaterThanOrEqualTo(7);
        }
    }

    @Test
    void aLaneThatIsFarBehindIsRecordedWithoutPauses() {
        RecorderSettings usual = RecorderSettings.of("node");
        RecorderSettings slow = new RecorderSettings(
                usual.id(),
                usual.batch(),
                usual.lanes(),
                Duration.ofHours(1),
                usual.retryPause(),
                usual.watch(),
                usual.safetyLook(),
                usual.positionLook(),
                usual.warnAt(),
                usual.behind());
        try (RecordingNode node = new RecordingNode(TestServers.redisUri(), uri, slow)) {
            Lane lane = node.openLane(1_000);
            hold(node, lane, 500);

            node.record();

            node.awaitRecorded(lane);
        }
    }

    @Test
    void whatHappensWhilePostgresqlIsAwayIsRecordedOnceWhenItIsBack() {
        LocalPostgres server = mortalPostgres();
        try (RecordingNode node = new RecordingNode(server.uri(), "node").record()) {
            Lane lane = node.openLane(10_000);
            hold(node, lane, 200);
            node.awaitRecorded(lane);

            server.kill();
            hold(node, lane, 1_200);
            await().until(() ->
                    node.meters.get("holdfast.recorder.lag.events").gauge().value() >= 1_200);
            server.restart();
            node.awaitRecorded(lane);

            assertThat(node.db.stock(lane, "SHOE")).isEqualTo("8600/1400/0 of 10000");
            assertThat(node.db.rowsOf("reservations", lane)).isEqualTo(1_400);
            assertThat(node.db.rowsOf("ledger", lane)).isEqualTo(node.db.recordedSeq(lane));
            assertThat(node.audit(lane).balanced()).isTrue();
        }
    }

    @Test
    void postgresqlMayDieInTheMiddleOfItAgainAndAgain() {
        LocalPostgres server = mortalPostgres();
        try (RecordingNode node = new RecordingNode(server.uri(), "node").record()) {
            Lane lane = node.openLane(10_000);
            for (int round = 0; round < 3; round++) {
                hold(node, lane, 300);
                server.kill();
                hold(node, lane, 300);
                server.restart();
            }

            node.awaitRecorded(lane);

            assertThat(node.db.stock(lane, "SHOE")).isEqualTo("8200/1800/0 of 10000");
            assertThat(node.db.rowsOf("ledger", lane)).isEqualTo(node.db.recordedSeq(lane));
            assertThat(node.audit(lane).balanced()).isTrue();
        }
    }

    @Test
    void anAlertIsToldOnceHoweverOftenPostgresqlDiesAroundIt() {
        LocalPostgres server = mortalPostgres();
        try (RecordingNode node = new RecordingNode(server.uri(), "node").record()) {
            Lane lane = node.openLane(1_000);
            await(node.db.books.skus().changeSku(TestBooks.ACTION, lane.saleId(), SHOE, before -> lowAt(500)));
            for (int round = 0; round < 3; round++) {
                hold(node, lane, 150);
                server.kill();
                hold(node, lane, 150);
                server.restart();
            }

            node.awaitRecorded(lane);

            List<CloudEvent> told = await(node.db.books.events().after(0, lane.saleId(), 10));
            assertThat(told).extracting(CloudEvent::type).containsExactly("dev.holdfast.stock.low");
        }
    }

    @Test
    void anAlertIsToldOnceWhereTheNodeThatRecordsItCrashes() {
        try (RecordingNode one = new RecordingNode(uri, "one").record();
                RecordingNode two = new RecordingNode(uri, "two")) {
            Lane lane = one.openLane(1_000);
            await(one.db.books.skus().changeSku(TestBooks.ACTION, lane.saleId(), SHOE, before -> lowAt(500)));
            hold(one, lane, 520);

            one.crash();
            two.record();
            hold(two, lane, 100);
            two.awaitRecorded(lane);

            List<CloudEvent> told = await(two.db.books.events().after(0, lane.saleId(), 10));
            assertThat(told).extracting(CloudEvent::type).containsExactly("dev.holdfast.stock.low");
        }
    }

    /** One for all tests that kill it, and restart it. */
    private static LocalPostgres mortalPostgres() {
        if (mortal == null) {
            mortal = TestServers.ownPostgres();
        }
        return mortal;
    }

    private static SkuRules lowAt(long threshold) {
        return new SkuRules(SHOE, 1_000, null, Map.of(), null, 0, threshold, null, 0);
    }

    @Test
    void ofTwoNodesOneRecordsALane() {
        try (RecordingNode one = new RecordingNode(uri, "one").record();
                RecordingNode two = new RecordingNode(uri, "two").record()) {
            // A node that stands still for longer than its lease loses its lanes, rightly: then the next lane is looked
            // at.
            await().until(() -> oneRecorded(one, two));
        }
    }

    /** Sells on both nodes, and requires that nothing was recorded twice; whether one of them recorded it all. */
    private static boolean oneRecorded(RecordingNode one, RecordingNode two) {
        double byOneBefore = recordedBy(one);
        double byTwoBefore = recordedBy(two);
        Lane lane = one.openLane(1_000);
        hold(one, lane, 500);
        hold(two, lane, 500);

        one.awaitRecorded(lane);

        assertThat(one.db.stock(lane, "SHOE")).isEqualTo("0/1000/0 of 1000");
        assertThat(one.audit(lane).balanced()).isTrue();
        // A node counts what it committed when it hears of it.
        await().untilAsserted(() -> assertThat((long) (recordedBy(one) - byOneBefore + recordedBy(two) - byTwoBefore))
                .isEqualTo(one.db.recordedSeq(lane)));
        return recordedBy(one) == byOneBefore || recordedBy(two) == byTwoBefore;
    }

    private static double recordedBy(RecordingNode node) {
        return node.meters.get("holdfast.recorded.events").counter().count();
    }

    @Test
    void aNodeThatStopsLeavesItsLanesToTheOther() {
        try (RecordingNode one = new RecordingNode(uri, "one").record();
                RecordingNode two = new RecordingNode(uri, "two")) {
            Lane lane = one.openLane(10);
            one.awaitRecorded(lane);
            two.record();

            await(one.recorder.stop());
            two.hold(lane, 4);
            two.awaitRecorded(lane);

            assertThat(two.db.stock(lane, "SHOE")).isEqualTo("6/4/0 of 10");
            assertThat(recorderOf(two, lane)).isEqualTo("two");
        }
    }

    @Test
    void aNodeThatDiesLosesItsLanesToTheOther() {
        try (RecordingNode one = new RecordingNode(uri, "one").record();
                RecordingNode two = new RecordingNode(uri, "two").record()) {
            Lane lane = one.openLane(10);
            one.awaitRecorded(lane);
            boolean oneHasIt = recorderOf(one, lane).equals("one");
            RecordingNode dying = oneHasIt ? one : two;
            RecordingNode heir = oneHasIt ? two : one;

            dying.crash();
            heir.hold(lane, 4);
            heir.awaitRecorded(lane);

            assertThat(heir.db.stock(lane, "SHOE")).isEqualTo("6/4/0 of 10");
            assertThat(heir.audit(lane).balanced()).isTrue();
        }
    }

    @Test
    void aRedisThatSoldAsMuchAgainAsItForgotIsFoundOutByItsOtherPast() {
        try (RecordingNode node = new RecordingNode(uri, "node").record();
                RedisClient client = RedisClient.create(TestServers.redisUri())) {
            Lane lane = node.openLane(10);
            node.hold(lane, 2);
            node.awaitRecorded(lane);

            writeAnotherLastEntryAndOneAfterIt(client.connect().sync(), LaneKeys.of(lane));

            await().until(() -> node.db.laneState(lane).equals("recovering"));
            assertThat(node.db.text(
                            "select detail from incidents where sale_id = $1",
                            lane.saleId().value()))
                    .contains("another entry");
        }
    }

    @Test
    void aNodeThatTakesALaneOverFindsOutAnotherPastThatItDidNotRecordItself() {
        try (RecordingNode one = new RecordingNode(uri, "one").record();
                RecordingNode two = new RecordingNode(uri, "two");
                RedisClient client = RedisClient.create(TestServers.redisUri())) {
            Lane lane = one.openLane(10);
            one.hold(lane, 2);
            one.awaitRecorded(lane);
            await(one.recorder.stop());

            writeAnotherLastEntryAndOneAfterIt(client.connect().sync(), LaneKeys.of(lane));
            two.record();

            await().until(() -> two.db.laneState(lane).equals("recovering"));
        }
    }

    /** As if it had come back older and gone on otherwise. */
    private static void writeAnotherLastEntryAndOneAfterIt(RedisCommands<String, String> redis, LaneKeys keys) {
        redis.eval("""
                local last = redis.call('XINFO', 'STREAM', KEYS[1])
                for i = 1, #last, 2 do
                  last[last[i]] = last[i + 1]
                end
                local id = last['last-generated-id']
                redis.call('DEL', KEYS[1])
                redis.call('XADD', KEYS[1], id, 'e', 'audit 1 another')
                redis.call('HINCRBY', KEYS[2], 'seq', 1)
                return redis.call('XADD', KEYS[1], string.match(id, '^%d+') .. '-*', 'e', 'audit 1 later')
                """, ScriptOutputType.VALUE, new String[] {keys.ledger(), keys.sale()});
    }

    @Test
    void aLaneThatRedisLostStopsSelling() {
        try (RecordingNode node = new RecordingNode(uri, "node").record()) {
            Lane lane = node.openLane(10);
            node.awaitRecorded(lane);

            tamper(redis -> redis.del(LaneKeys.of(lane).inOrder()));

            await().until(() -> node.db.laneState(lane).equals("recovering"));
            assertThat(node.db.rowsOf("incidents", lane)).isEqualTo(1);
        }
    }

    @Test
    void aLaneWhoseBooksDoNotAddUpStopsSellingAndOthersGoOn() {
        try (RecordingNode node = new RecordingNode(uri, "node").record()) {
            Lane broken = node.openLane(10);
            Lane sound = node.openLane(10);
            node.awaitRecorded(broken);

            tamper(redis -> redis.hset(LaneKeys.of(broken).stock(), "SHOE|available", "100"));
            node.hold(broken, 50);
            node.hold(sound, 5);
            node.awaitRecorded(sound);

            await().until(() -> node.db.laneState(broken).equals("frozen"));
            assertThat(node.db.stock(broken, "SHOE")).isEqualTo("10/0/0 of 10");
            assertThat(node.db.stock(sound, "SHOE")).isEqualTo("5/5/0 of 10");
        }
    }

    @Test
    void anAuditFindsWhatRedisHasOtherwise() {
        try (RecordingNode node = new RecordingNode(uri, "node").record()) {
            Lane lane = node.openLane(10);
            node.awaitRecorded(lane);

            tamper(redis -> redis.hset(LaneKeys.of(lane).stock(), "SHOE|available", "13"));

            assertThat(node.audit(lane).items().getFirst().drift()).isEqualTo(3);
            await().untilAsserted(() -> assertThat(node.meters
                            .get("holdfast.stock.drift.units")
                            .tag("sale", lane.saleId().value())
                            .gauge()
                            .value())
                    .isEqualTo(3));
        }
    }

    private static void hold(RecordingNode node, Lane lane, int times) {
        for (int i = 0; i < times; i++) {
            node.hold(lane, 1);
        }
    }

    private static ReservationState archived(RecordingNode node, Lane lane, Reservation reservation) {
        return await(node.db.books.reservations().find(lane.saleId(), reservation.id()))
                .orElseThrow()
                .state();
    }

    private static String recorderOf(RecordingNode node, Lane lane) {
        return node.db.text(
                "select recorder from lanes where sale_id = $1", lane.saleId().value());
    }

    /** Does to Redis what nobody should. */
    private static void tamper(Consumer<RedisCommands<String, String>> commands) {
        try (RedisClient client = RedisClient.create(TestServers.redisUri());
                var connection = client.connect()) {
            commands.accept(connection.sync());
        }
    }
}
