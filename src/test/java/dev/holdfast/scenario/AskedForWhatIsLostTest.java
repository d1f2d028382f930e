package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.support.Api;
import dev.holdfast.support.TestDatabase;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
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

    private static final TestDatabase DB = new TestDatabase();

    private static TestNode node;
    private static Api api;
    private static RedisClient client;
    private static StatefulRedisConnection<String, String> connection;

    private final String sale = "asked-" + UUID.randomUUID();

    @BeforeAll
    static void start() {
        node = TestNode.start(
                TestServers.redisUri(),
                DB.uri(),
                tuning -> tuning.withAudits(Duration.ofHours(1), Duration.ofHours(1)));
        api = node.api();
        client = RedisClient.create(TestServers.redisUri());
        connection = client.connect();
    }

    @AfterAll
    static void stop() {
        connection.close();
        client.shutdown();
        node.close();
    }

    @BeforeEach
    void aSale() {
        setUp(3600);
        api.putStock(sale, "SHOE", 10).must(201);
    }

    @Test
    void aLostHoldThatIsAskedForIsAnIncidentAtOnceAndComesBack() {
        String held = recorded(held("ann", 2));
        redis().hdel(key("holds"), held.substring(0, 22));

        Api.Answer shown = api.reservation(sale, held);
        Api.Answer refused = api.confirm(sale, held);

        assertThat(shown.must(200).text("state")).isEqualTo("held");
        if (refused.status() != 200) {
            assertThat(refused.code()).isEqualTo("recovering");
            assertThat(refused.text("detail"))
                    .contains("Redis lost this reservation")
                    .doesNotContain("rebuilt");
        }
        await().until(() -> api.confirm(sale, held).status() == 200);
        JsonNode incident = incident("resolved", "hold-differs");
        assertThat(incident.path("subject").asText()).isEqualTo(held);
        assertThat(incident.path("units").asLong()).isEqualTo(2);
        assertThat(api.stock(sale, "SHOE").body().path("sold").asLong()).isEqualTo(2);
        assertBalanced();
    }

    @Test
    void aLostHoldOfWhichDueIsLostTooComesBackAsWell() {
        String held = recorded(held("ann", 2));
        redis().hdel(key("holds"), held.substring(0, 22));
        redis().zrem(key("due"), held.substring(0, 22));

        await().until(() -> api.confirm(sale, held).status() == 200);

        assertThat(incident("resolved", "hold-differs").path("subject").asText())
                .isEqualTo(held);
        assertBalanced();
    }

    @Test
    void aReceiptPutsALostHoldBackWithoutTakingItsUnitsASecondTime() {
        Api.Answer answer = api.hold(sale, "ann", "SHOE", 2).must(201);
        String held = recorded(answer.text("reservationId"));
        redis().hdel(key("holds"), held.substring(0, 22));

        await().until(() -> reclaim(held, answer.text("receipt")).status() == 200);

        assertThat(api.stock(sale, "SHOE").body().path("held").asLong()).isEqualTo(2);
        api.confirm(sale, held).must(200);
        assertBalanced();
    }

    @Test
    void aLostConfirmationComesBackConfirmed() {
        String held = held("ann", 2);
        api.confirm(sale, held).must(200);
        recorded(held);
        redis().hdel(key("holds"), held.substring(0, 22));

        await().until(() -> api.confirm(sale, held).status() == 200);

        assertThat(redis().hget(key("holds"), held.substring(0, 22))).startsWith("C 2 ");
        assertBalanced();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRepeatedRequestWhoseHoldWasLostIsNotHeldASecondTime(boolean allBuyersToo) {
        String held = recorded(heldUnder("cart-1").must(201).text("reservationId"));
        redis().hdel(key("holds"), held.substring(0, 22));
        if (allBuyersToo) {
            redis().del(key("buyers"));
        }

        Api.Answer repeated = await().until(() -> heldUnder("cart-1"), answer -> answer.status() != 503);

        assertThat(repeated.must(200).text("reservationId")).isEqualTo(held);
        assertThat(api.stock(sale, "SHOE").body().path("held").asLong()).isEqualTo(2);
        assertThat(incident("resolved", "hold-differs").path("subject").asText())
                .isEqualTo(held);
        assertBalanced();
    }

    @Test
    void aLostHoldThatNobodyAsksForEndsAllTheSame() {
        setUp(5);
        String held = recorded(held("ann", 2));
        redis().hdel(key("holds"), held.substring(0, 22));

        await().until(() -> redis().hget(key("stock"), "SHOE|held"), "0"::equals);

        assertThat(api.reservation(sale, held).text("state")).isEqualTo("expired");
        assertBalanced();
    }

    @Test
    void holdsOfALostDueEndAtTheirDeadlinesAndItIsAnIncident() {
        setUp(5);
        String ann = recorded(held("ann", 4));
        held("bob", 6);
        redis().del(key("due"));

        await().until(() -> api.hold(sale, "cid", "SHOE", 10).status() == 201);

        assertThat(api.reservation(sale, ann).text("state")).isEqualTo("expired");
        // An inspection that finds all as it should be has ended the incident, or it is still open.
        await().untilAsserted(() -> assertThat(Stream.of("open", "resolved")
                        .flatMap(state -> incidents(state, "due-differs").stream())
                        .map(incident -> incident.path("detail").asText()))
                .anySatisfy(detail -> assertThat(detail).contains("2 entries of due were missing")));
        assertBalanced();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"state", "closes_at_ms", "opens_at_ms", "customer_limit", "hold_ms", "max_hold_ms", "version"})
    void aSettingThatCannotBeReadIsAnIncidentAtOnceAndNoListFails(String field) {
        String held = held("ann", 2);
        String other = "other-" + UUID.randomUUID();
        api.putSale(other, "{\"name\":\"Other\"}").must(201);
        redis().hset(key("sale"), field, field.equals("opens_at_ms") ? "" : "weird");

        Api.Answer refused = api.hold(sale, "bob", "SHOE", 1);
        JsonNode listed = api.send(api.onAdmin("GET", "/v1/admin/sales?limit=100", null))
                .must(200)
                .body();

        if (!field.equals("version")) {
            assertThat(refused.code()).isEqualTo("recovering");
            assertThat(refused.text("detail")).contains(field).doesNotContain("rebuilt");
        }
        assertThat(listed.toString()).contains(sale).contains(other);
        assertThat(api.sale(sale, true).must(200).text("state")).isEqualTo("recovering");
        assertThat(api.sale(sale, false).must(200).text("state")).isEqualTo("recovering");
        assertThat(api.send(api.onAdmin("GET", "/v1/admin/sales/" + sale + "/preflight", null))
                        .status())
                .isIn(200, 503);
        JsonNode incident = incident("open", "settings-differ");
        assertThat(incident.path("detail").asText()).contains(field);
        Api.Answer repaired =
                api.send(api.onAdmin("POST", incident.at("/call/path").asText(), "{\"reason\":\"a test\"}"));
        assertThat(repaired.must(200).body().path("repaired").asBoolean()).isTrue();
        api.hold(sale, "bob", "SHOE", 1).must(201);
        api.confirm(sale, held).must(200);
        assertBalanced();
    }

    private void setUp(int holdSeconds) {
        api.putSale(sale, "{\"name\":\"Asked\",\"holdSeconds\":" + holdSeconds + ",\"maxHoldSeconds\":3600}");
    }

    @CanIgnoreReturnValue
    private String held(String customer, int quantity) {
        return api.hold(sale, customer, "SHOE", quantity).must(201).text("reservationId");
    }

    private Api.Answer reclaim(String id, String receipt) {
        return api.send(api.onPublic(
                "POST", "/v1/sales/" + sale + "/reservations/" + id + "/reclaim", "{\"receipt\":\"" + receipt + "\"}"));
    }

    private Api.Answer heldUnder(String idempotencyKey) {
        return api.hold(sale, Api.cart("ann", "SHOE", 2), idempotencyKey);
    }

    @CanIgnoreReturnValue
    private String recorded(String id) {
        await().until(() -> api.reservation(sale, id).body().path("recorded").asBoolean());
        return id;
    }

    private JsonNode incident(String state, String kind) {
        return await().until(() -> incidents(state, kind).stream().findFirst().orElse(null), found -> found != null);
    }

    private List<JsonNode> incidents(String state, String kind) {
        String path = "/v1/admin/incidents?state=" + state + "&saleId=" + sale + "&kind=" + kind;
        JsonNode items =
                api.send(api.onAdmin("GET", path, null)).must(200).body().path("items");
        return StreamSupport.stream(items.spliterator(), false).toList();
    }

    private void assertBalanced() {
        Api.Answer audit = api.audit(sale).must(200);
        assertThat(audit.body().path("balanced").asBoolean()).as(audit.text()).isTrue();
    }

    private String key(String name) {
        return "hf:{" + sale + "/0}:" + name;
    }

    private static RedisCommands<String, String> redis() {
        return connection.sync();
    }
}
