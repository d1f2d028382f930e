package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** One node loses its way to Redis for good, while PostgreSQL and the other node have theirs. */
class CutOffTest {

    private final String saleId = "cut-off-" + UUID.randomUUID();

    @Test
    void aRecorderThatCannotReachRedisLeavesItsLanesToAnother() {
        URI redis = URI.create(TestServers.redisUri());
        String database = TestServers.migratedDatabase();
        BooksReader books = new BooksReader(database);
        try (LossyProxy proxy = new LossyProxy(new InetSocketAddress(redis.getHost(), redis.getPort()));
                TestNode recorder =
                        TestNode.start("redis://127.0.0.1:" + proxy.port(), database, UnaryOperator.identity());
                RedisClient client = RedisClient.create(redis.toString())) {
            LaneReader lane = new LaneReader(client.connect().sync(), saleId);
            assertThat(recorder.api().putSale(saleId, false).status()).isEqualTo(201);
            assertThat(recorder.api().putStock(saleId, "GPU", 10).status()).isEqualTo(201);
            await().until(() -> books.recordedSeq(saleId) == lane.lastSeq());

            try (TestNode other = TestNode.start(redis.toString(), database, UnaryOperator.identity())) {
                proxy.refuse();
                assertThat(other.api().hold(saleId, "anna", "GPU", 1).status()).isEqualTo(201);

                long taken = lane.lastSeq();
                await().until(() -> books.recordedSeq(saleId) >= taken);
            }
        }
    }
}
