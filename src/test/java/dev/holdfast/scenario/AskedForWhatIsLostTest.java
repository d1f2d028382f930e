package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.support.Api;
import dev.holdfast.support.TestDatabase;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Redis lost something of a sale or has it unreadable, and no inspection comes: whoever asks for it makes it known at once, and gets it back
 * where PostgreSQL and the ledger agree about it.
 */
class AskedForWhatIsLostTest {

    private static TestSale.Node node;

    private final TestSale sale = node.sale("asked");
    private final Api api = sale.api;
    private final TestDatabase database = sale.database;
    private final RedisCommands<String, String> redis = sale.redis;

    @BeforeAll
    static void start() {
        node = new TestSale.Node(tuning -> tuning.withAudits(Duration.ofHours(1), Duration.ofHours(1)));
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @BeforeEach
    void aSale() {
        setUp(3600);
        api.putStock(sale.id, "SHOE", 10).must(201);
    }

    @Test
    void aLostHoldThatIsAskedForIsAnIncidentAtOnceAndComesBack() {
        String held = sale.recorded(sale.held("ann", "SHOE", 2));
        redis.hdel(sale.key("holds"), held.substring(0, 22));

        Api.Answer shown = api.reservation(sale.id, held);
        Api.Answer refused = api.confirm(sale.id, held);

        assertThat(shown.must(200).text("state")).isEqualTo("held");
        if (refused.status() != 200) {
            assertThat(refused.code()).isEqualTo("recovering");
            assertThat(refused.text("detail"))
                    .contains("Redis lost this reservation")
                    .doesNotContain("rebuilt");
        }
        await().until(() -> api.confirm(sale.id, held).status() == 200);
        JsonNode incident = sale.incident("resolved", "hold-differs");
        assertThat(incident.path("subject").asText()).isEqualTo(held);
        assertThat(incident.path("units").asLong()).isEqualTo(2);
        assertThat(api.stock(sale.id, "SHOE").body().path("sold").asLong()).isEqualTo(2);
        sale.assertBalanced();
    }

    @Test
    void aLostHoldOfWhichDueIsLostTooComesBackAsWell() {
        String held = sale.recorded(sale.held("ann", "SHOE", 2));
        redis.hdel(sale.key("holds"), held.substring(0, 22));
        redis.zrem(sale.key("due"), held.substring(0, 22));

        await().until(() -> api.confirm(sale.id, held).status() == 200);

        assertThat(sale.incident("resolved", "hold-differs").path("subject").asText())
                .isEqualTo(held);
        sale.assertBalanced();
    }

    @Test
    void aReceiptPutsALostHoldBackWithoutTakingItsUnitsASecondTime() {
        Api.Answer answer = api.hold(sale.id, "ann", "SHOE", 2).must(201);
        String held = sale.recorded(answer.text("reservationId"));
        redis.hdel(sale.key("holds"), held.substring(0, 22));

        await().until(() -> api.reclaim(sale.id, answer).status() == 200);

        assertThat(api.stock(sale.id, "SHOE").body().path("held").asLong()).isEqualTo(2);
        api.confirm(sale.id, held).must(200);
        sale.assertBalanced();
    }

    @Test
    void aLostConfirmationComesBackConfirmed() {
        String held = sale.held("ann", "SHOE", 2);
        api.confirm(sale.id, held).must(200);
        sale.recorded(held);
        redis.hdel(sale.key("holds"), held.substring(0, 22));

        await().until(() -> api.confirm(sale.id, held).status() == 200);

        assertThat(redis.hget(sale.key("holds"), held.substring(0, 22))).startsWith("C 2 ");
        sale.assertBalanced();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRepeatedRequestWhoseHoldWasLostIsNotHeldASecondTime(boolean allBuyersToo) {
        String held = sale.recorded(heldUnder("cart-1").must(201).text("reservationId"));
        redis.hdel(sale.key("holds"), held.substring(0, 22));
        if (allBuyersToo) {
            redis.del(sale.key("buyers"));
        }

        Api.Answer repeated = await().until(() -> heldUnder("cart-1"), answer -> answer.status() != 503);

        assertThat(repeated.must(200).text("reservationId")).isEqualTo(held);
        assertThat(api.stock(sale.id, "SHOE").body().path("held").asLong()).isEqualTo(2);
        assertThat(sale.incident("resolved", "hold-differs").path("subject").asText())
                .isEqualTo(held);
        sale.assertBalanced();
    }

    @Test
    void aLostHoldThatNobodyAsksForEndsAllTheSame() {
        setUp(5);
        String held = sale.recorded(sale.held("ann", "SHOE", 2));
        redis.hdel(sale.key("holds"), held.substring(0, 22));

        await().until(() -> redis.hget(sale.key("stock"), "SHOE|held"), "0"::equals);

        assertThat(api.reservation(sale.id, held).text("state")).isEqualTo("expired");
        sale.assertBalanced();
    }

    @Test
    void holdsOfALostDueEndAtTheirDeadlinesAndItIsAnIncident() {
        setUp(5);
        String ann = sale.recorded(sale.held("ann", "SHOE", 4));
        sale.held("bob", "SHOE", 6);
        redis.del(sale.key("due"));

        await().until(() -> api.hold(sale.id, "cid", "SHOE", 10).status() == 201);

        assertThat(api.reservation(sale.id, ann).text("state")).isEqualTo("expired");
        awaitToldOfDue("2 entries of due were missing");
        sale.assertBalanced();
    }

    @Test
    void missingEntriesOfDueAreToldOfWhenPostgresqlTakesIncidentsAgain() {
        sale.held("ann", "SHOE", 2);
        refuseIncidents();
        redis.del(sale.key("due"));
        await().until(() ->
                !database.rows("select 1 from refusals where is_called").isEmpty());

        database.change("drop trigger refuse_incident on incidents");

        awaitToldOfDue("1 entries of due were missing");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"state", "closes_at_ms", "opens_at_ms", "customer_limit", "hold_ms", "max_hold_ms", "version"})
    void aSettingThatCannotBeReadIsAnIncidentAtOnceAndNoListFails(String field) {
        String held = sale.held("ann", "SHOE", 2);
        String other = "other-" + UUID.randomUUID();
        api.putSale(other, "{\"name\":\"Other\"}").must(201);
        redis.hset(sale.key("sale"), field, field.equals("opens_at_ms") ? "" : "weird");

        Api.Answer refused = api.hold(sale.id, "bob", "SHOE", 1);
        JsonNode listed = api.sales(100, null).must(200).body();

        if (!field.equals("version")) {
            assertThat(refused.code()).isEqualTo("recovering");
            assertThat(refused.text("detail")).contains(field).doesNotContain("rebuilt");
        }
        assertThat(listed.toString()).contains(sale.id).contains(other);
        assertThat(api.sale(sale.id, true).must(200).text("state")).isEqualTo("recovering");
        assertThat(api.sale(sale.id, false).must(200).text("state")).isEqualTo("recovering");
        assertThat(api.preflight(sale.id).status()).isIn(200, 503);
        JsonNode incident = sale.incident("settings-differ");
        assertThat(incident.path("detail").asText()).contains(field);
        sale.repair(incident);
        api.hold(sale.id, "bob", "SHOE", 1).must(201);
        api.confirm(sale.id, held).must(200);
        sale.assertBalanced();
    }

    /** PostgreSQL refuses every incident of the sale. A sequence says that it did so: it is counted up though nothing is committed. */
    private void refuseIncidents() {
        database.change("create sequence refusals");
        database.change("""
                create function refuse_incident() returns trigger language plpgsql as $$
                begin
                    perform nextval('refusals');
                    raise exception 'a test refuses this incident';
                end
                $$
                """);
        database.change("create trigger refuse_incident before insert on incidents for each row when (new.sale_id = '"
                + sale.id + "') execute function refuse_incident()");
    }

    /** An inspection that finds all as it should be has ended the incident, or it is still open. */
    private void awaitToldOfDue(String what) {
        await().untilAsserted(() -> assertThat(Stream.of("open", "resolved")
                        .flatMap(state -> sale.incidents(state, "due-differs").stream())
                        .map(incident -> incident.path("detail").asText()))
                .anySatisfy(detail -> assertThat(detail).contains(what)));
    }

    private void setUp(int holdSeconds) {
        api.putSale(sale.id, "{\"name\":\"Asked\",\"holdSeconds\":" + holdSeconds + ",\"maxHoldSeconds\":3600}");
    }

    private Api.Answer heldUnder(String idempotencyKey) {
        return api.hold(sale.id, Api.cart("ann", "SHOE", 2), idempotencyKey);
    }
}
