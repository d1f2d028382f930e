package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.Tuning;
import dev.holdfast.support.Api;
import dev.holdfast.support.TestDatabase;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * A sale of one test, on one node: what the test asks of it through the API, and where it stands in Redis and PostgreSQL, for tests that
 * change something there behind the service's back.
 */
final class TestSale {

    final String id;
    final Api api;
    final TestDatabase database;
    final RedisCommands<String, String> redis;
    final LaneReader lane;

    private final BooksReader books;

    /**
     * Not yet made.
     *
     * @param name of the test, with which the sale's id begins
     */
    TestSale(String name, Api api, TestDatabase database, RedisCommands<String, String> redis) {
        this.id = name + '-' + UUID.randomUUID();
        this.api = api;
        this.database = database;
        this.redis = redis;
        this.lane = new LaneReader(redis, id);
        this.books = new BooksReader(database.uri());
    }

    /** A node of a test class, on the shared Redis and a database of its own, with a connection to that Redis. */
    static final class Node implements AutoCloseable {

        private final TestDatabase database = new TestDatabase();
        private final RedisClient client = RedisClient.create(TestServers.redisUri());
        private final StatefulRedisConnection<String, String> redis = client.connect();
        private final TestNode node;

        /** @param tune changes what the defaults for tests do not suit */
        Node(UnaryOperator<Tuning> tune) {
            node = TestNode.start(TestServers.redisUri(), database.uri(), tune);
        }

        /** Not yet made. */
        TestSale sale(String name) {
            return new TestSale(name, node.api(), database, redis.sync());
        }

        /** A meter's value, as {@link TestNode#metric} has it. */
        double metric(String name) {
            return node.metric(name);
        }

        @Override
        public void close() {
            redis.close();
            client.shutdown();
            node.close();
        }
    }

    /** The full name of a key of the sale's lane. */
    String key(String name) {
        return lane.key(name);
    }

    /** The id of a reservation that was just made. */
    @CanIgnoreReturnValue
    String held(String customer, String sku, int quantity) {
        return api.hold(id, customer, sku, quantity).must(201).text("reservationId");
    }

    /** The id of a reservation that was just made and confirmed. */
    @CanIgnoreReturnValue
    String confirmed(String customer, String sku, int quantity) {
        String reservationId = held(customer, sku, quantity);
        api.confirm(id, reservationId).must(200);
        return reservationId;
    }

    /** Waits until PostgreSQL has what was last done with this reservation. */
    @CanIgnoreReturnValue
    String recorded(String reservationId) {
        await().until(() ->
                api.reservation(id, reservationId).body().path("recorded").asBoolean());
        return reservationId;
    }

    /** Waits until PostgreSQL has the lane's last entry. */
    void awaitRecorded() {
        await().ignoreExceptions().until(() -> books.recordedSeq(id) == lane.lastSeq());
    }

    /** The lane's state in PostgreSQL. */
    String laneState() {
        return books.laneState(id);
    }

    /** The open incidents of this kind, or of all kinds where it is empty. */
    List<JsonNode> incidents(String kind) {
        return incidents("open", kind);
    }

    /** The incidents in this state and of this kind, or of all kinds where it is empty. */
    List<JsonNode> incidents(String state, String kind) {
        return api.incidents("?state=" + state + "&saleId=" + id + (kind.isEmpty() ? "" : "&kind=" + kind))
                .must(200)
                .body()
                .path("items")
                .valueStream()
                .toList();
    }

    /** Waits for an open incident of this kind. */
    @CanIgnoreReturnValue
    JsonNode incident(String kind) {
        return incident("open", kind);
    }

    /** Waits for an incident in this state and of this kind. */
    @CanIgnoreReturnValue
    JsonNode incident(String state, String kind) {
        return await().until(() -> incidents(state, kind).stream().findFirst().orElse(null), found -> found != null);
    }

    /** The state of this incident by now. */
    String state(JsonNode incident) {
        String path = "/v1/admin/incidents/" + incident.path("incidentId").asText();
        return api.send(api.onAdmin("GET", path, null)).must(200).text("state");
    }

    /** Makes the call that the incident itself names. */
    Api.Answer call(JsonNode incident) {
        return api.send(api.onAdmin(
                incident.at("/call/method").asText(),
                incident.at("/call/path").asText(),
                incident.at("/call/body").toString()));
    }

    /** Mends what the incident tells of, by the call that it names: that resolves it. */
    void repair(JsonNode incident) {
        Api.Answer answer = call(incident);
        assertThat(answer.must(200).body().path("repaired").asBoolean())
                .as(answer.text())
                .isTrue();
        assertThat(state(incident)).isEqualTo("resolved");
    }

    /** POST rebuild with this body. */
    @CanIgnoreReturnValue
    Api.Answer rebuild(String body) {
        return api.orderRebuild(id, body);
    }

    /** Waits until the rebuild that was asked for is done and the sale is open. */
    void awaitRebuilt() {
        await().until(() -> !api.rebuild(id).text("state").equals("running"));
        assertThat(api.rebuild(id).text("state")).as(api.rebuild(id).text()).isEqualTo("done");
        await().until(() -> api.sale(id, false).text("state"), "open"::equals);
    }

    /** Waits until the ended reservations are back in Redis: they come when the sale is open. */
    void awaitEndedRestored() {
        await().until(() -> !api.rebuild(id).body().path("restoringEnded").asBoolean());
    }

    /** The findings of the last rebuild, the first hundred of them. */
    JsonNode findings() {
        return api.findings(id).must(200).body().path("items");
    }

    /** Redis and PostgreSQL have these reservations in this state. */
    void assertStates(String state, String... reservationIds) {
        for (String reservationId : reservationIds) {
            assertThat(database.rows("select state from reservations where reservation_id = ?", reservationId))
                    .as(reservationId)
                    .containsExactly(List.of(state));
            assertThat(api.reservation(id, reservationId).must(200).text("state"))
                    .as(reservationId)
                    .isEqualTo(state);
        }
    }

    /** An audit finds no difference between Redis and PostgreSQL. */
    void assertBalanced() {
        Api.Answer audit = api.audit(id).must(200);
        assertThat(audit.body().path("balanced").asBoolean()).as(audit.text()).isTrue();
    }
}
