package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
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

    private final String saleId = "older-" + UUID.randomUUID();
    private final LaneReader lane = new LaneReader(commands, saleId);
    private final TestDatabase database = new TestDatabase();
    private final BooksReader books = new BooksReader(database.uri());
    private TestNode node;
    private Api api;

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
        node = TestNode.start(TestServers.redisUri(), database.uri(), UnaryOperator.identity());
        api = node.api();
        api.putSale(saleId, "{\"perCustomerLimit\":50,\"maxHoldSeconds\":3600,\"holdSeconds\":3600}")
                .must(201);
        api.putStock(saleId, "A", 100).must(201);
        api.putStock(saleId, "B", 100).must(201);
        awaitRecorded();
    }

    @AfterEach
    void end() {
        node.close();
    }

    @Test
    void oneThatIsMinutesOlderIsRecordedAgainAndTheSaleGoesOn() {
        String before = confirmed("ann", "A", 2);
        String live = hold("bob", "A", 3);
        awaitRecorded();
        DatabaseBackup backup = DatabaseBackup.of(database.uri());
        awaitUp();
        String bought = confirmed("cat", "A", 4);
        api.confirm(saleId, live).must(200);
        String held = hold("dan", "B", 5);
        api.putStock(saleId, "C", "{\"capacity\":7,\"productId\":\"hat\"}").must(201);
        String hat = confirmed("eve", "C", 1);
        api.adjust(saleId, "A", "more", "{\"delta\":10,\"reason\":\"found\"}").must(201);
        api.turn(saleId, "pause", "for a moment").must(200);
        api.turn(saleId, "resume", "it is over").must(200);
        awaitRecorded();
        LaneState was = lane.state();
        long last = lane.lastSeq();
        long recordedSeq = Long.parseLong(commands.hget(lane.keys()[0], "recorded_seq"));

        backup.putBack();
        awaitIncident("database-restored");
        awaitRecorded();

        assertThat(recordedSeq).isPositive();
        assertThat(lane.lastSeq()).isGreaterThanOrEqualTo(last);
        assertThat(lane.state().stock()).isEqualTo(was.stock());
        assertStates("confirmed", before, live, bought, hat);
        assertStates("held", held);
        await().untilAsserted(() -> assertThat(incident("database-restored"))
                .anySatisfy(detail ->
                        assertThat(detail).contains("recorded again from Redis").contains("C was not known")));
        assertThat(incident("database-restored"))
                .filteredOn(detail -> detail.contains("PostgreSQL is older than it was"))
                .hasSize(1);
        assertThat(books.laneState(saleId)).isEqualTo("open");
        assertBalanced();
        // What admins changed meanwhile counts, and they can go on from there.
        api.adjust(saleId, "A", "again", "{\"capacity\":120,\"expectedVersion\":2,\"reason\":\"counted\"}")
                .must(201);
        api.putStock(saleId, "C", "{\"capacity\":7,\"productId\":\"cap\"}").must(200);
        api.turn(saleId, "pause", "again").must(200);
        assertThat(api.hold(saleId, "fay", "A", 1).code()).isEqualTo("sale-paused");
        api.turn(saleId, "resume", "again").must(200);
        assertThat(api.hold(saleId, "fay", "A", 1).status()).isEqualTo(201);
        assertBalanced();
    }

    @Test
    void aRebuildFromPostgresIsRefusedWithTheNumbersWhereRedisKnowsMore() {
        DatabaseBackup backup = DatabaseBackup.of(database.uri());
        awaitUp();
        List<String> bought = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            bought.add(confirmed("c-" + i, "A", 1));
        }
        String live = hold("ann", "B", 2);
        awaitRecorded();
        LaneState was = lane.state();
        forgetLedger();
        backup.putBack();
        awaitStopped();

        Api.Answer refused = api.rebuild(saleId, "as the book says");
        Api.Answer wrongNumber = rebuild("{\"reason\":\"x\",\"discard\":30}");
        Api.Answer again = rebuild("{\"reason\":\"x\",\"from\":\"postgres\",\"discard\":false}");

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
        assertThat(api.rebuild(saleId).text("problem")).startsWith("would-lose");
        assertThat(api.hold(saleId, "zoe", "A", 1).code()).isEqualTo("recovering");

        rebuild("{\"reason\":\"bring it up\",\"from\":\"redis\"}").must(202);
        awaitSelling();

        assertStates("confirmed", bought.toArray(String[]::new));
        assertStates("held", live);
        assertThat(api.stock(saleId, "A").body().path("available").asLong()).isEqualTo(70);
        assertThat(api.confirm(saleId, live).status()).isEqualTo(200);
        assertBalanced();
        assertThat(incident("books-concluded")).hasSize(1).first().asString().contains(bought.getFirst());
        assertThat(findings()).hasSize(31).allSatisfy(kind -> assertThat(kind).isEqualTo("reservation-concluded"));
    }

    @Test
    void whatIsDiscardedIsListedReservationByReservation() {
        DatabaseBackup backup = DatabaseBackup.of(database.uri());
        awaitUp();
        String bought = confirmed("ann", "A", 3);
        String live = hold("bob", "B", 2);
        awaitRecorded();
        forgetLedger();
        backup.putBack();
        awaitStopped();

        rebuild("{\"reason\":\"the old way\",\"discard\":2}").must(202);
        awaitSelling();

        assertThat(api.stock(saleId, "A").body().path("available").asLong()).isEqualTo(100);
        assertThat(api.reservation(saleId, bought).code()).isEqualTo("reservation-not-found");
        assertThat(incident("reservations-discarded"))
                .hasSize(1)
                .first()
                .asString()
                .contains("2 acknowledged reservations are ended", bought, live);
        assertThat(api.rebuild(saleId).body().path("discarded").asLong()).isEqualTo(2);
        assertThat(findings()).containsExactly("reservation-ended", "reservation-ended");
        assertBalanced();
    }

    @Test
    void aRebuildThatTheOlderOneHasForgottenLosesNothingEither() {
        String before = confirmed("ann", "A", 2);
        awaitRecorded();
        DatabaseBackup backup = DatabaseBackup.of(database.uri());
        awaitUp();
        String between = confirmed("bob", "A", 3);
        long epoch =
                api.rebuild(saleId, "a drill").must(202).body().path("epoch").asLong();
        awaitSelling();
        String after = confirmed("cat", "A", 4);
        String live = hold("dan", "B", 1);
        awaitRecorded();

        backup.putBack();
        awaitStopped();
        Api.Answer refused = api.rebuild(saleId, "as the book says");
        long next = rebuild("{\"reason\":\"bring it up\",\"from\":\"redis\"}")
                .must(202)
                .body()
                .path("epoch")
                .asLong();
        awaitSelling();

        assertThat(refused.code()).isEqualTo("would-lose");
        assertThat(next).isGreaterThan(epoch);
        assertStates("confirmed", before, between, after);
        assertStates("held", live);
        assertThat(api.stock(saleId, "A").body().path("sold").asLong()).isEqualTo(9);
        assertThat(api.hold(saleId, "eve", "A", 50).status()).isEqualTo(201);
        assertBalanced();
    }

    @Test
    void everyKindOfDifferenceIsBroughtTogether() {
        String kept = hold("kept", "A", 1);
        String confirmed = hold("confirmed", "A", 2);
        String released = hold("released", "A", 3);
        String extended = hold("extended", "A", 4);
        String replaced = hold("replaced", "A", 5);
        String both = hold("both", "A", 6);
        awaitRecorded();
        DatabaseBackup backup = DatabaseBackup.of(database.uri());
        awaitUp();
        api.confirm(saleId, confirmed).must(200);
        api.release(saleId, released).must(200);
        api.extend(saleId, extended, 3_600).must(200);
        api.replace(saleId, replaced, "B", 7).must(200);
        api.replace(saleId, both, "B", 8).must(200);
        api.confirm(saleId, both).must(200);
        String fresh = hold("fresh", "B", 9);
        String gone = hold("gone", "B", 10);
        api.release(saleId, gone).must(200);
        api.putStock(saleId, "C", 5).must(201);
        String hat = confirmed("hat", "C", 5);
        api.adjust(saleId, "B", "less", "{\"delta\":-70,\"reason\":\"a pallet is wet\"}")
                .must(201);
        awaitRecorded();
        LaneState was = lane.state();
        forgetLedger();
        backup.putBack();
        awaitStopped();

        Api.Answer refused = api.rebuild(saleId, "as the book says");
        rebuild("{\"reason\":\"bring it up\",\"from\":\"redis\"}").must(202);
        awaitSelling();

        assertThat(refused.body().path("skus").asLong()).isEqualTo(1);
        assertThat(refused.body().path("adjustments").asLong()).isEqualTo(1);
        assertThat(refused.body().path("releases").asLong()).isEqualTo(1);
        assertStates("held", kept, extended, replaced, fresh);
        assertStates("confirmed", confirmed, both, hat);
        assertStates("released", released, gone);
        LaneState now = lane.state();
        assertThat(counts(now)).isEqualTo(counts(was));
        assertThat(now.buyers()).isEqualTo(was.buyers());
        await().until(() -> lane.state().holds().keySet().equals(was.holds().keySet()));
        assertBalanced();
        // The older one would have given out this version and this number again.
        api.adjust(saleId, "B", "more", "{\"capacity\":40,\"expectedVersion\":2,\"reason\":\"dried\"}")
                .must(201);
        assertThat(api.confirm(saleId, replaced).status()).isEqualTo(200);
        assertThat(api.release(saleId, extended).status()).isEqualTo(200);
        assertBalanced();
    }

    @Test
    void receiptsPutBackWhatARebuildDiscardedAndTheNextRebuildKeepsIt() {
        DatabaseBackup before = DatabaseBackup.of(database.uri());
        awaitUp();
        Api.Answer cat = api.hold(saleId, "cat", "A", 4).must(201);
        Api.Answer catConfirmed = api.confirm(saleId, cat.text("reservationId")).must(200);
        Api.Answer dan = api.hold(saleId, "dan", "B", 3).must(201);
        awaitRecorded();
        forgetLedger();
        before.putBack();
        awaitStopped();
        rebuild("{\"reason\":\"the books count\",\"discard\":true}").must(202);
        awaitSelling();
        awaitRecorded();
        DatabaseBackup between = DatabaseBackup.of(database.uri());
        awaitUp();
        String eve = hold("eve", "A", 1);

        Api.Answer catAgain = reclaim(catConfirmed);
        Api.Answer danAgain = reclaim(dan);
        api.confirm(saleId, dan.text("reservationId")).must(200);
        awaitRecorded();
        // Of cat's the entry that took the units is lost, of dan's it is there.
        commands.xtrim(lane.keys()[5], XTrimArgs.Builder.maxlen(3));
        between.putBack();
        awaitStopped();
        rebuild("{\"reason\":\"bring it up\",\"from\":\"redis\"}").must(202);
        awaitSelling();

        assertThat(catAgain.must(200).text("state")).isEqualTo("confirmed");
        assertThat(danAgain.must(200).text("state")).isEqualTo("held");
        assertStates("confirmed", cat.text("reservationId"), dan.text("reservationId"));
        assertStates("held", eve);
        assertThat(reclaim(dan).must(200).text("state")).isEqualTo("confirmed");
        assertThat(api.stock(saleId, "A").body().path("sold").asLong()).isEqualTo(4);
        assertThat(api.stock(saleId, "B").body().path("sold").asLong()).isEqualTo(3);
        assertThat(api.stock(saleId, "A").body().path("held").asLong()).isEqualTo(1);
        assertBalanced();
    }

    @Test
    void whatOnlyPostgresKnowsStaysToo() {
        DatabaseBackup backup = DatabaseBackup.of(database.uri());
        awaitUp();
        String early = confirmed("ann", "A", 1);
        awaitRecorded();
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

        rebuild("{\"reason\":\"the union\",\"from\":\"redis\"}").must(202);
        awaitSelling();

        assertStates("confirmed", early);
        assertThat(api.stock(saleId, "B").body().path("held").asLong()).isEqualTo(4);
        assertThat(api.stock(saleId, "A").body().path("sold").asLong()).isEqualTo(1);
        assertBalanced();
    }

    @Test
    void aSaleThatTheOlderOneDoesNotKnowAtAllIsBroughtBackAndNotBegunAnew() {
        String later = "later-" + UUID.randomUUID();
        String again = "again-" + UUID.randomUUID();
        DatabaseBackup backup = DatabaseBackup.of(database.uri());
        awaitUp();
        List<String> bought = new ArrayList<>();
        for (String sale : List.of(later, again)) {
            api.putSale(sale, "{\"perCustomerLimit\":5}").must(201);
            api.putStock(sale, "HAT", 9).must(201);
            bought.add(api.hold(sale, "ann", "HAT", 2).must(201).text("reservationId"));
            api.confirm(sale, bought.getLast()).must(200);
        }
        await().until(() ->
                api.reservation(again, bought.getLast()).body().path("recorded").asBoolean());
        backup.putBack();
        awaitIncident("database-restored");
        await().until(() -> api.sale(later, false).code().equals("sale-not-found"));

        Api.Answer begunAnew = api.putSale(again, "{\"perCustomerLimit\":1}");
        for (String sale : List.of(later, again)) {
            api.send(api.onAdmin(
                            "POST",
                            "/v1/admin/sales/" + sale + "/rebuild",
                            "{\"reason\":\"bring it back\",\"from\":\"redis\"}"))
                    .must(202);
            await().until(() -> api.sale(sale, false).text("state").equals("open"));
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
        String wasHeld = hold("ann", "A", 2);
        String wasGiven = hold("bob", "A", 3);
        awaitRecorded();
        DatabaseBackup backup = DatabaseBackup.of(database.uri());
        awaitUp();
        api.confirm(saleId, wasHeld).must(200);
        api.release(saleId, wasGiven).must(200);
        String never = confirmed("cat", "A", 4);
        String live = hold("dan", "A", 1);
        awaitRecorded();
        // As after more than a day: Redis keeps counts and buyers, and no longer what has ended.
        for (String id : List.of(wasHeld, wasGiven, never)) {
            commands.hdel(lane.keys()[3], id.substring(0, 22));
            commands.zrem(lane.keys()[4], id.substring(0, 22));
        }
        forgetLedger();
        backup.putBack();
        awaitStopped();

        rebuild("{\"reason\":\"bring it up\",\"from\":\"redis\"}").must(202);
        awaitSelling();

        assertStates("confirmed", wasHeld);
        assertStates("expired", wasGiven);
        assertStates("held", live);
        assertThat(api.stock(saleId, "A").body().path("sold").asLong()).isEqualTo(6);
        assertThat(database.rows(
                        "select sum(units) from reservations where customer_id = 'cat' and state = 'confirmed'"))
                .containsExactly(List.of("4"));
        assertThat(findings()).contains("purchase-concluded");
        assertBalanced();
    }

    @CanIgnoreReturnValue
    private String hold(String customer, String sku, int quantity) {
        return api.hold(saleId, customer, sku, quantity).must(201).text("reservationId");
    }

    @CanIgnoreReturnValue
    private String confirmed(String customer, String sku, int quantity) {
        String id = hold(customer, sku, quantity);
        api.confirm(saleId, id).must(200);
        return id;
    }

    @CanIgnoreReturnValue
    private Api.Answer rebuild(String body) {
        return api.send(api.onAdmin("POST", "/v1/admin/sales/" + saleId + "/rebuild", body));
    }

    /** As this answer said. */
    private Api.Answer reclaim(Api.Answer told) {
        String body = "{\"receipt\":\"" + told.text("receipt") + "\"}";
        return api.change(saleId, told.text("reservationId"), "POST", "reclaim", body);
    }

    private void awaitRecorded() {
        await().ignoreExceptions().until(() -> books.recordedSeq(saleId) == lane.lastSeq());
    }

    /** The node has found PostgreSQL again. */
    private void awaitUp() {
        await().until(() -> api.probe("/health/ready").body().path("postgres").asBoolean());
    }

    private void awaitStopped() {
        await().ignoreExceptions().until(() -> !books.laneState(saleId).equals("open"));
        awaitUp();
        await().until(() -> api.sale(saleId, false).text("state").equals("recovering"));
    }

    private void awaitSelling() {
        await().until(() -> !api.rebuild(saleId).text("state").equals("running"));
        assertThat(api.rebuild(saleId).text("state"))
                .as(api.rebuild(saleId).text())
                .isEqualTo("done");
        await().until(() -> api.sale(saleId, false).text("state").equals("open"));
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

    private List<String> findings() {
        List<String> kinds = new ArrayList<>();
        api.send(api.onAdmin("GET", "/v1/admin/sales/" + saleId + "/rebuild/findings?limit=100", null))
                .must(200)
                .body()
                .path("items")
                .forEach(item -> kinds.add(item.path("kind").asText()));
        return kinds;
    }

    private void assertStates(String state, String... ids) {
        for (String id : ids) {
            assertThat(database.rows("select state from reservations where reservation_id = ?", id))
                    .as(id)
                    .containsExactly(List.of(state));
            assertThat(api.reservation(saleId, id).text("state")).as(id).isEqualTo(state);
        }
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
        commands.xtrim(lane.keys()[5], XTrimArgs.Builder.maxlen(1));
    }

    private void assertBalanced() {
        Api.Answer audit = api.audit(saleId).must(200);
        assertThat(audit.body().path("balanced").asBoolean()).as(audit.text()).isTrue();
    }
}
