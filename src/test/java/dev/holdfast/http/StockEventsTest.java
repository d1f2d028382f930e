package dev.holdfast.http;

import static dev.holdfast.http.ContractSale.LARGE;
import static dev.holdfast.http.ContractSale.MEDIUM;
import static dev.holdfast.http.ContractSale.assertProblem;
import static dev.holdfast.http.ContractSale.fields;
import static dev.holdfast.http.ContractSale.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.redis.LaneKeys;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.EventReader;
import dev.holdfast.support.EventReader.Event;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import dev.holdfast.support.TestWait;
import io.lettuce.core.RedisClient;
import java.net.http.HttpRequest;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The contract's line on watching a sale's stock. */
class StockEventsTest {

    private static final TestNode NODE = TestNode.shared();

    @Test
    void aSnapshotComesFirstAndNeedsNoKey() {
        ContractSale sale = ContractSale.with(10);
        sale.api.putStock(sale.id, LARGE, 5);
        sale.held("c-1", 2);

        try (EventReader reader = watch(sale)) {
            await().until(() -> !reader.events().isEmpty());

            assertThat(reader.status()).isEqualTo(200);
            assertThat(reader.header("content-type")).isEqualTo("text/event-stream");
            assertThat(reader.header("cache-control")).isEqualTo("no-store");
            assertThat(reader.header("x-content-type-options")).isEqualTo("nosniff");
            Event snapshot = reader.events().getFirst();
            assertThat(snapshot.name()).isEqualTo("snapshot");
            assertThat(fields(snapshot.json())).containsExactly("saleId", "state", "items");
            assertThat(snapshot.json().path("state").asText()).isEqualTo("open");
            assertThat(snapshot.json().path("items"))
                    .isEqualTo(sale.api.stock(sale.id).body().path("items"));
        }
    }

    @Test
    void afterItComesOnlyWhatIsDifferent() {
        ContractSale sale = ContractSale.with(10);
        sale.api.putStock(sale.id, LARGE, 5);

        try (EventReader reader = watch(sale)) {
            await().until(() -> !reader.events().isEmpty());
            sale.held("c-1", 3);
            await().until(() -> !reader.events("changes").isEmpty());

            assertThat(reader.events("changes").getFirst().json().path("items"))
                    .isEqualTo(
                            json("[{'sku':'RED-DRESS-M','capacity':10,'available':7,'held':3,'sold':0,'version':1}]"));
        }
    }

    @Test
    void aBurstComesToAtMostTenChangesASecondAndToTheTrueCounts() {
        ContractSale sale = ContractSale.with(1_000);

        try (EventReader reader = watch(sale)) {
            await().until(() -> !reader.events().isEmpty());
            long began = System.nanoTime();
            for (int n = 0; n < 300; n++) {
                sale.held("c-" + n, 1);
            }
            await().until(() -> lastCount(reader).path("available").asLong() == 700);
            double seconds = (System.nanoTime() - began) / 1e9;

            assertThat(reader.events("changes").size()).isBetween(1, (int) Math.ceil(seconds * 10) + 1);
            assertThat(lastCount(reader))
                    .isEqualTo(sale.api.stock(sale.id, MEDIUM).body());
        }
    }

    @Test
    void theSalesStateIsToldWhenItChanges() {
        ContractSale sale = ContractSale.with(10);

        try (EventReader reader = watch(sale)) {
            await().until(() -> !reader.events().isEmpty());
            sale.api.turn(sale.id, "pause", "a price is wrong");
            await().until(() -> lastState(reader).equals("paused"));
            sale.api.turn(sale.id, "close", "over");
            await().until(() -> lastState(reader).equals("closed"));

            assertThat(reader.hasEnded()).isFalse();
        }
    }

    @Test
    void aSaleThatLosesItsHistoryIsToldAsRecoveringAndNobodyElseMayWatchIt() {
        ContractSale sale = ContractSale.with(10);
        sale.held("c-1", 1);

        try (EventReader reader = watch(sale)) {
            await().until(() -> !reader.events().isEmpty());
            forget(sale);
            await().until(() -> lastState(reader).equals("recovering"));

            assertProblem(sale.api.send(request(sale)), 503, "recovering");
        }
    }

    @Test
    void aSaleThatIsNotThereIsNotFound() {
        assertProblem(ContractSale.none().api.send(request(ContractSale.none())), 404, "sale-not-found");
        assertProblem(
                NODE.api().send(Api.request(NODE.publicUri(), "GET", "/v1/sales/-/stock/events", null)),
                404,
                "sale-not-found");
    }

    @Test
    void otherMethodsAreRefusedAndHeadIsAnsweredWithoutAStream() {
        ContractSale sale = ContractSale.with(10);
        await().until(() -> openStreams() == 0);

        Answer head = sale.api.send(Api.request(NODE.publicUri(), "HEAD", path(sale), null));
        Answer post = sale.api.send(Api.request(NODE.publicUri(), "POST", path(sale), null));

        assertThat(head.status()).isEqualTo(200);
        assertThat(head.header("content-type")).hasValue("text/event-stream");
        assertProblem(post, 405, "method-not-allowed");
        assertThat(post.header("allow")).hasValue("GET, HEAD");
        assertThat(openStreams()).isZero();
    }

    @Test
    void openStreamsAreCountedAndThoseWhoLeftAreNot() {
        ContractSale sale = ContractSale.with(10);
        // Those of other tests have left, but a node notices a little later.
        await().until(() -> openStreams() == 0);

        try (EventReader one = watch(sale);
                EventReader two = watch(sale)) {
            await().until(() -> !one.events().isEmpty() && !two.events().isEmpty());
            assertThat(openStreams()).isEqualTo(2);
        }

        await().until(() -> openStreams() == 0);
    }

    private static EventReader watch(ContractSale sale) {
        return EventReader.of(request(sale));
    }

    private static HttpRequest.Builder request(ContractSale sale) {
        return Api.request(NODE.publicUri(), "GET", path(sale), null).timeout(TestWait.LIMIT);
    }

    private static String path(ContractSale sale) {
        return "/v1/sales/" + sale.id + "/stock/events";
    }

    /** What was told last of size M. */
    private static JsonNode lastCount(EventReader reader) {
        List<Event> told = reader.events().stream()
                .filter(event -> event.data().contains(MEDIUM))
                .toList();
        for (JsonNode item : told.getLast().json().path("items")) {
            if (item.path("sku").asText().equals(MEDIUM)) {
                return item;
            }
        }
        throw new AssertionError("size M was never told");
    }

    private static String lastState(EventReader reader) {
        return reader.events().getLast().json().path("state").asText();
    }

    private static double openStreams() {
        return NODE.metric("holdfast_event_streams{stream=\"stock\"}");
    }

    private static void forget(ContractSale sale) {
        String[] keys = LaneKeys.of(new Lane(new SaleId(sale.id), 0, 1)).inOrder();
        try (RedisClient client = RedisClient.create(TestServers.redisUri())) {
            assertThat(client.connect().sync().del(keys)).isPositive();
        }
    }
}
