package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.support.Api;
import dev.holdfast.support.DatabaseBackup;
import dev.holdfast.support.TestDatabase;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.XTrimArgs;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A PostgreSQL that comes back older than Redis is noticed, and nothing that callers were told of is lost by it. */
class OlderPostgresTest {

    private static RedisClient client;
    private static RedisCommands<String, String> commands;

    private final TestDatabase database = new TestDatabase();
    private final TestNode node = TestNode.start(TestServers.redisUri(), database.uri(), UnaryOperator.identity());
    private final Api api = node.api();
    private final TestSale sale = new TestSale("older", api, database, commands);
    private final LaneReader lane = sale.lane;

    @BeforeAll
    static void connect() {
        client = RedisClient.create(TestServers.redisUri());
        commands = client.connect().sync();
    }

    @AfterAll
    static void disconnect() {
        client.shutdown();
    }

    @BeforeEach
    void aSale() {
        api.putSale(sale.id, "{\"perCustomerLimit\":50,\"maxHoldSeconds\":3600,\"holdSeconds\":3600}")
                .must(201);
        api.putStock(sale.id, "A", 100).must(201);
        api.putStock(sale.id, "B", 100).must(201);
        sale.awaitRecorded();
    }

    @AfterEach
    void end() {
        node.close();
    }

    @Test
    void oneThatIsMinutesOlderIsRecordedAgainAndTheSaleGoesOn() {
        String before = sale.confirmed("ann", "A", 2);
        String live = sale.held("bob", "A", 3);
        sale.awaitRecorded();
        DatabaseBackup backup = DatabaseBackup.of(database.uri());
        awaitUp();
        String bought = sale.confirmed("cat", "A", 4);
        api.confirm(sale.id, live).must(200);
        String held = sale.held("dan", "B", 5);
        api.putStock(sale.id, "C", "{\"capacity\":7,\"productId\":\"hat\"}").must(201);
        String hat = sale.confirmed("eve", "C", 1);
        api.adjust(sale.id, "A", "more", "{\"delta\":10,\"reason\":\"found\"}").must(201);
        api.turn(sale.id, "pause", "for a moment").must(200);
        api.turn(sale.id, "resume", "it is over").must(200);
        sale.awaitRecorded();
        LaneState was = lane.state();
        long last = lane.lastSeq();
        long recordedSeq = Long.parseLong(commands.hget(lane.key("sale"), "recorded_seq"));

        backup.putBack();
        awaitIncident("database-restored");
        sale.awaitRecorded();

        assertThat(recordedSeq).isPositive();
        assertThat(lane.lastSeq()).isGreaterThanOrEqualTo(last);
        assertThat(lane.state().stock()).isEqualTo(was.stock());
        sale.assertStates("confirmed", before, live, bought, hat);
        sale.assertStates("held", held);
        await().untilAsserted(() -> assertThat(incident("database-restored"))
                .anySatisfy(detail ->
                        assertThat(detail).contains("recorded again from Redis").contains("C was not known")));
        assertThat(incident("database-restored"))
                .filteredOn(detail -> detail.contains("PostgreSQL is older than it was"))
                .hasSize(1);
        assertThat(sale.laneState()).isEqualTo("open");
        sale.assertBalanced();
        // What admins changed meanwhile counts, and they can go on from there.
        api.adjust(sale.id, "A", "again", "{\"capacity\":120,\"expectedVersion\":2,\"reason\":\"counted\"}")
                .must(201);
        api.putStock(sale.id, "C", "{\"capacity\":7,\"productId\":\"cap\"}").must(200);
        api.turn(sale.id, "pause", "again").must(200);
        assertThat(api.hold(sale.id, "fay", "A", 1).code()).isEqualTo("sale-paused");
        api.turn(sale.id, "resume", "again").must(200);
        assertThat(api.hold(sale.id, "fay", "A", 1).status()).isEqualTo(201);
        sale.assertBalanced();
    }

    @Test
    void aRebuildFromPostgresIsRefusedWithTheNumbersWhereRedisKnowsMore() {
        DatabaseBackup backup = DatabaseBackup.of(database.uri());
        awaitUp();
        List<String> bought = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            bought.add(sale.confirmed("c-" + i, "A", 1));
        }
        String live = sale.held("ann", "B", 2);
        sale.awaitRecorded();
        LaneState was = lane.state();
        forgetLedger();
        backup.putBack();
        awaitStopped();

        Api.Answer refused = api.rebuild(sale.id, "as the book says");
        Api.Answer wrongNumber = sale.rebuild("{\"reason\":\"x\",\"discard\":30}");
        Api.Answer again = sale.rebuild("{\"reason\":\"x\",\"from\":\"postgres\",\"discard\":false}");

        assertThat(List.of(refused, wrongNumber, again)).allSatisfy(answer -> {
            assertThat(answer.status()).isEqualTo(409);
            assertThat(answer.code()).isEqualTo("would-lose");
            assertThat(answer.body().path("reservations").asLong()).isEqualTo(31);
            assertThat(answer.body().path("confirmedUnits").asLong()).isEqualTo(30);
            assertThat(answer.body().path("heldUnits").asLong()).isEqualTo(2);
            assertThat(answer.body().path("redis").path("soldUnits").asLong()).isEqualTo(30);
            assertThat(answer.body().path("postgres").path("soldUnits").asLong())
                    .isZero();
        });
        assertThat(lane.state().holds()).isEqualTo(was.holds());
        assertThat(lane.state().stock()).isEqualTo(was.stock());
        assertThat(api.rebuild(sale.id).text("problem")).startsWith("would-lose");
        assertThat(api.hold(sale.id, "zoe", "A", 1).code()).isEqualTo("recovering");

        sale.rebuild("{\"reason\":\"bring it up\",\"from\":\"redis\"}").must(202);
        sale.awaitRebuilt();

        sale.assertStates("confirmed", bought.toArray(String[]::new));
        sale.assertStates("held", live);
        assertThat(api.stock(sale.id, "A").body().path("available").asLong()).isEqualTo(70);
        assertThat(api.confirm(sale.id, live).status()).isEqualTo(200);
        sale.assertBalanced();
        assertThat(incident("books-concluded")).hasSize(1).first().asString().contains(bought.getFirst());
        assertThat(sale.findings().findValuesAsText("kind"))
                .hasSize(31)
                .allSatisfy(kind -> assertThat(kind).isEqualTo("reservation-concluded"));
    }

    @Test
    void whatIsDiscardedIsListedReservationByReservation() {
        DatabaseBackup backup = DatabaseBackup.of(database.uri());
        awaitUp();
        String bought = sale.confirmed("ann", "A", 3);
        String live = sale.held("bob", "B", 2);
        sale.awaitRecorded();
        forgetLedger();
        backup.putBack();
        awaitStopped();

        sale.rebuild("{\"reason\":\"the old way\",\"discard\":2}").must(202);
        sale.awaitRebuilt();

        assertThat(api.stock(sale.id, "A").body().path("available").asLong()).isEqualTo(100);
        assertThat(api.reservation(sale.id, bought).code()).isEqualTo("reservation-not-found");
        assertThat(incident("reservations-discarded"))
                .hasSize(1)
                .first()
                .asString()
                .contains("2 acknowledged reservations are ended", bought, live);
        assertThat(api.rebuild(sale.id).body().path("discarded").asLong()).isEqualTo(2);
        assertThat(sale.findings().findValuesAsText("kind")).containsExactly("reservation-ended", "reservation-ended");
        sale.assertBalanced();
    }

    @Test
    void aRebuildThatTheOlderOneHasForgottenLosesNothingEither() {
        String before = sale.confirmed("ann", "A", 2);
        sale.awaitRecorded();
        DatabaseBackup backup = DatabaseBackup.of(database.uri());
        awaitUp();
        String between = sale.confirmed("bob", "A", 3);
        long epoch =
                api.rebuild(sale.id, "a drill").must(202).body().path("epoch").asLong();
        sale.awaitRebuilt();
        String after = sale.confirmed("cat", "A", 4);
        String live = sale.held("dan", "B", 1);
        sale.awaitRecorded();

        backup.putBack();
        awaitStopped();
        Api.Answer refused = api.rebuild(sale.id, "as the book says");
        long next = sale.rebuild("{\"reason\":\"bring it up\",\"from\":\"redis\"}")
                .must(202)
                .body()
                .path("epoch")
                .asLong();
        sale.awaitRebuilt();

        assertThat(refused.code()).isEqualTo("would-lose");
        assertThat(next).isGreaterThan(epoch);
        sale.assertStates("confirmed", before, between, after);
        sale.assertStates("held", live);
        assertThat(api.stock(sale.id, "A").body().path("sold").asLong()).isEqualTo(9);
        assertThat(api.hold(sale.id, "eve", "A", 50).status()).isEqualTo(201);
        sale.assertBalanced();
    }

    @Test
    void everyKindOfDifferenceIsBroughtTogether() {
        String kept = sale.held("kept", "A", 1);
        String confirmed = sale.held("confirmed", "A", 2);
        String released = sale.held("released", "A", 3);
        String extended = sale.held("extended", "A", 4);
        String replaced = sale.held("replaced", "A", 5);
        String both = sale.held("both", "A", 6);
        sale.awaitRecorded();
        DatabaseBackup backup = DatabaseBackup.of(database.uri());
        awaitUp();
        api.confirm(sale.id, confirmed).must(200);
        api.release(sale.id, released).must(200);
        api.extend(sale.id, extended, 3_600).must(200);
        api.replace(sale.id, replaced, "B", 7).must(200);
        api.replace(sale.id, both, "B", 8).must(200);
        api.confirm(sale.id, both).must(200);
        String fresh = sale.held("fresh", "B", 9);
        String gone = sale.held("gone", "B", 10);
        api.release(sale.id, gone).must(200);
        api.putStock(sale.id, "C", 5).must(201);
        String hat = sale.confirmed("hat", "C", 5);
        api.adjust(sale.id, "B", "less", "{\"delta\":-70,\"reason\":\"a pallet is wet\"}")
                .must(201);
        sale.awaitRecorded();
        LaneState was = lane.state();
        forgetLedger();
        backup.putBack();
        awaitStopped();

        Api.Answer refused = api.rebuild(sale.id, "as the book says");
        sale.rebuild("{\"reason\":\"bring it up\",\"from\":\"redis\"}").must(202);
        sale.awaitRebuilt();

        assertThat(refused.body().path("skus").asLong()).isEqualTo(1);
        assertThat(refused.body().path("adjustments").asLong()).isEqualTo(1);
        assertThat(refused.body().path("releases").asLong()).isEqualTo(1);
        sale.assertStates("held", kept, extended, replaced, fresh);
        sale.assertStates("confirmed", confirmed, both, hat);
        sale.assertStates("released", released, gone);
        LaneState now = lane.state();
        assertThat(counts(now)).isEqualTo(counts(was));
        assertThat(now.buyers()).isEqualTo(was.buyers());
        await().until(() -> lane.state().holds().keySet().equals(was.holds().keySet()));
        sale.assertBalanced();
        // The older one would have given out this version and this number again.
        api.adjust(sale.id, "B", "more", "{\"capacity\":40,\"expectedVersion\":2,\"reason\":\"dried\"}")
                .must(201);
        assertThat(api.confirm(sale.id, replaced).status()).isEqualTo(200);
        assertThat(api.release(sale.id, extended).status()).isEqualTo(200);
        sale.assertBalanced();
    }

    @Test
    void receiptsPutBackWhatARebuildDiscardedAndTheNextRebuildKeepsIt() {
        DatabaseBackup before = DatabaseBackup.of(database.uri());
        awaitUp();
        Api.Answer cat = api.hold(sale.id, "cat", "A", 4).must(201);
        Api.Answer catConfirmed =
                api.confirm(sale.id, cat.text("reservationId")).must(200);
        Api.Answer dan = api.hold(sale.id, "dan", "B", 3).must(201);
        sale.awaitRecorded();
        forgetLedger();
        before.putBack();
        awaitStopped();
        sale.rebuild("{\"reason\":\"the books count\",\"discard\":true}").must(202);
        sale.awaitRebuilt();
        sale.awaitRecorded();
        DatabaseBackup between = DatabaseBackup.of(database.uri());
        awaitUp();
        String eve = sale.held("eve", "A", 1);

        Api.Answer catAgain = api.reclaim(sale.id, catConfirmed);
        Api.Answer danAgain = api.reclaim(sale.id, dan);
        api.confirm(sale.id, dan.text("reservationId")).must(200);
        sale.awaitRecorded();
        // Of cat's the entry that took the units is lost, of dan's it is there.
        commands.xtrim(lane.key("ledger"), XTrimArgs.Builder.maxlen(3));
        between.putBack();
        awaitStopped();
        sale.rebuild("{\"reason\":\"bring it up\",\"from\":\"redis\"}").must(202);
        sale.awaitRebuilt();

        assertThat(catAgain.must(200).text("state")).isEqualTo("confirmed");
        assertThat(danAgain.must(200).text("state")).isEqualTo("held");
        sale.assertStates("confirmed", cat.text("reservationId"), dan.text("reservationId"));
        sale.assertStates("held", eve);
        assertThat(api.reclaim(sale.id, dan).must(200).text("state")).isEqualTo("confirmed");
        assertThat(api.stock(sale.id, "A").body().path("sold").asLong()).isEqualTo(4);
        assertThat(api.stock(sale.id, "B").body().path("sold").asLong()).isEqualTo(3);
        assertThat(api.stock(sale.id, "A").body().path("held").asLong()).isEqualTo(1);
        sale.assertBalanced();
    }

    @Test
    void whatOnlyPostgresKnowsStaysToo() {
        DatabaseBackup backup = DatabaseBackup.of(database.uri());
        awaitUp();
        String early = sale.confirmed("ann", "A", 1);
        sale.awaitRecorded();
        forgetLedger();
        backup.putBack();
        awaitStopped();
        // Redis forgets another one, which this PostgreSQL knows: neither has all.
        database.change("""
                insert into reservations (sale_id, reservation_id, lane, customer_id, state, lines, units, held_at, expires_at, revision,
                                          fingerprint, epoch, seq)
                select sale_id, 'onlyPostgresKnowsThisX' || 'zzzzzzz', 0, 'pat', 'held', '{"B":4}', 4, now(), now() + interval '1 hour', 1,
                       'Zm9v', epoch, 1000000
                from lanes
                """);
        database.change(
                "update stock set available = available - 4, held = held + 4, holds = holds + 1 where sku = 'B'");

        sale.rebuild("{\"reason\":\"the union\",\"from\":\"redis\"}").must(202);
        sale.awaitRebuilt();

        sale.assertStates("confirmed", early);
        assertThat(api.stock(sale.id, "B").body().path("held").asLong()).isEqualTo(4);
        assertThat(api.stock(sale.id, "A").body().path("sold").asLong()).isEqualTo(1);
        sale.assertBalanced();
    }

    @Test
    void aSaleThatTheOlderOneDoesNotKnowAtAllIsBroughtBackAndNotBegunAnew() {
        String later = "later-" + UUID.randomUUID();
        String again = "again-" + UUID.randomUUID();
        DatabaseBackup backup = DatabaseBackup.of(database.uri());
        awaitUp();
        List<String> bought = new ArrayList<>();
        for (String other : List.of(later, again)) {
            api.putSale(other, "{\"perCustomerLimit\":5}").must(201);
            api.putStock(other, "HAT", 9).must(201);
            bought.add(api.hold(other, "ann", "HAT", 2).must(201).text("reservationId"));
            api.confirm(other, bought.getLast()).must(200);
        }
        await().until(() ->
                api.reservation(again, bought.getLast()).body().path("recorded").asBoolean());
        backup.putBack();
        awaitIncident("database-restored");
        await().until(() -> api.sale(later, false).code().equals("sale-not-found"));

        Api.Answer begunAnew = api.putSale(again, "{\"perCustomerLimit\":1}");
        for (String other : List.of(later, again)) {
            api.orderRebuild(other, "{\"reason\":\"bring it back\",\"from\":\"redis\"}")
                    .must(202);
            await().until(() -> api.sale(other, false).text("state").equals("open"));
        }

        assertThat(begunAnew.code()).isEqualTo("recovering");
        assertThat(api.reservation(later, bought.getFirst()).text("state")).isEqualTo("confirmed");
        assertThat(api.reservation(again, bought.getLast()).text("state")).isEqualTo("confirmed");
        assertThat(api.stock(later, "HAT").body().path("available").asLong()).isEqualTo(7);
        assertThat(api.stock(again, "HAT").body().path("available").asLong()).isEqualTo(7);
        assertThat(api.hold(later, "ann", "HAT", 4).code()).isEqualTo("purchase-limit");
        assertThat(api.hold(later, "ann", "HAT", 3).status()).isEqualTo(201);
    }

    @Test
    void whatRedisHasForgottenIsToldFromItsCounts() {
        String wasHeld = sale.held("ann", "A", 2);
        String wasGiven = sale.held("bob", "A", 3);
        sale.awaitRecorded();
        DatabaseBackup backup = DatabaseBackup.of(database.uri());
        awaitUp();
        api.confirm(sale.id, wasHeld).must(200);
        api.release(sale.id, wasGiven).must(200);
        String remembered = sale.confirmed("eve", "A", 1);
        String never = boughtFromANodeThatEnds("cat", 4);
        String live = sale.held("dan", "A", 1);
        sale.awaitRecorded();
        // As after more than a day: Redis keeps counts and buyers, and no longer what has ended.
        for (String id : List.of(wasHeld, wasGiven, remembered, never)) {
            commands.hdel(lane.key("holds"), id.substring(0, 22));
            commands.zrem(lane.key("due"), id.substring(0, 22));
        }
        forgetLedger();
        backup.putBack();
        awaitStopped();

        sale.rebuild("{\"reason\":\"bring it up\",\"from\":\"redis\"}").must(202);
        sale.awaitRebuilt();

        sale.assertStates("confirmed", wasHeld, remembered);
        sale.assertStates("expired", wasGiven);
        sale.assertStates("held", live);
        assertThat(api.stock(sale.id, "A").body().path("sold").asLong()).isEqualTo(7);
        assertThat(database.rows(
                        "select sum(units) from reservations where customer_id = 'cat' and state = 'confirmed'"))
                .containsExactly(List.of("4"));
        assertThat(sale.findings().findValuesAsText("kind")).contains("purchase-concluded");
        sale.assertBalanced();
    }

    @Test
    void anAdjustmentIsKnownAgainUnderItsKeyAndNotDoneASecondTime() {
        DatabaseBackup backup = DatabaseBackup.of(database.uri());
        awaitUp();
        String more = "{\"delta\":10,\"reason\":\"a pallet came\"}";
        String less = "{\"delta\":-3,\"reason\":\"three are wet\"}";
        Api.Answer first = api.adjust(sale.id, "A", "po-1", more).must(201);
        Api.Answer second = api.adjust(sale.id, "A", "po-2", less).must(201);
        sale.awaitRecorded();
        forgetLedger();
        backup.putBack();
        awaitStopped();
        sale.rebuild("{\"reason\":\"bring it up\",\"from\":\"redis\"}").must(202);
        sale.awaitRebuilt();

        Api.Answer firstAgain = api.adjust(sale.id, "A", "po-1", more);
        Api.Answer secondAgain = api.adjust(sale.id, "A", "po-2", less);
        Api.Answer otherBody = api.adjust(sale.id, "A", "po-1", less);
        Api.Answer another = api.adjust(sale.id, "A", "po-3", more);

        assertThat(firstAgain.must(201).body()).isEqualTo(first.body());
        assertThat(secondAgain.must(201).body()).isEqualTo(second.body());
        assertThat(firstAgain.header("idempotent-replayed")).contains("true");
        assertThat(otherBody.code()).isEqualTo("idempotency-key-reused");
        assertThat(another.must(201).body().path("after").asLong()).isEqualTo(117);
        assertThat(api.stock(sale.id, "A").body().path("capacity").asLong()).isEqualTo(117);
        sale.assertBalanced();
    }

    @Test
    void anAdjustmentIsKnownAgainByAnOlderPostgresThatHasForgottenARebuildSinceThen() {
        DatabaseBackup backup = DatabaseBackup.of(database.uri());
        awaitUp();
        String more = "{\"delta\":10,\"reason\":\"a pallet came\"}";
        api.adjust(sale.id, "A", "po-1", more).must(201);
        sale.awaitRecorded();
        api.rebuild(sale.id, "a drill").must(202);
        sale.awaitRebuilt();
        sale.awaitRecorded();
        backup.putBack();
        awaitStopped();
        sale.rebuild("{\"reason\":\"bring it up\",\"from\":\"redis\"}").must(202);
        sale.awaitRebuilt();

        Api.Answer again = api.adjust(sale.id, "A", "po-1", more).must(201);

        assertThat(again.header("idempotent-replayed")).contains("true");
        assertThat(api.stock(sale.id, "A").body().path("capacity").asLong()).isEqualTo(110);
        sale.assertBalanced();
    }

    @Test
    void anImportThatAnOlderPostgresHasForgottenUndoesNoLaterAdjustment() {
        DatabaseBackup backup = DatabaseBackup.of(database.uri());
        awaitUp();
        String file = "sku,capacity\nA,150\nB,160\n";
        api.importStock(sale.id, file, "file-1").must(200);
        api.adjust(sale.id, "A", "po-1", "{\"delta\":10,\"reason\":\"a pallet came\"}")
                .must(201);
        sale.awaitRecorded();
        backup.putBack();
        awaitIncident("database-restored");
        sale.awaitRecorded();
        await().untilAsserted(() -> assertThat(
                        database.rows("select 1 from adjustments where sale_id = ? and state = 'applied'", sale.id))
                .hasSize(3));

        Api.Answer again = api.importStock(sale.id, file, "file-1").must(200);

        assertThat(again.text()).contains("somebody else changed its capacity to 160 meanwhile");
        assertThat(api.stock(sale.id, "A").body().path("capacity").asLong()).isEqualTo(160);
        assertThat(api.stock(sale.id, "B").body().path("capacity").asLong()).isEqualTo(160);
        sale.assertBalanced();
    }

    /** Nobody remembers what it told. */
    private String boughtFromANodeThatEnds(String customer, int units) {
        try (TestNode other = TestNode.start(TestServers.redisUri(), database.uri(), UnaryOperator.identity())) {
            String id =
                    other.api().hold(sale.id, customer, "A", units).must(201).text("reservationId");
            other.api().confirm(sale.id, id).must(200);
            return id;
        }
    }

    /** The node has found PostgreSQL again. */
    private void awaitUp() {
        await().until(() -> api.probe("/health/ready").body().path("postgres").asBoolean());
    }

    private void awaitStopped() {
        await().ignoreExceptions().until(() -> !sale.laneState().equals("open"));
        awaitUp();
        await().until(() -> api.sale(sale.id, false).text("state").equals("recovering"));
    }

    private void awaitIncident(String kind) {
        await().ignoreExceptions().until(() -> !incident(kind).isEmpty());
        awaitUp();
    }

    private List<String> incident(String kind) {
        return database.rows("select detail from incidents where kind = ?", kind).stream()
                .map(List::getFirst)
                .toList();
    }

    /** Where the units are, and how often capacities changed. */
    private static List<String> counts(LaneState state) {
        return state.stock().entrySet().stream()
                .filter(field -> field.getKey().matches(".*\\|(capacity|available|held|sold|version)"))
                .map(Object::toString)
                .sorted()
                .toList();
    }

    /** As if it had been recorded so long ago that it was trimmed. */
    private void forgetLedger() {
        commands.xtrim(lane.key("ledger"), XTrimArgs.Builder.maxlen(1));
    }
}
