package dev.holdfast.comparison.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.comparison.load.IncrementRequests;
import dev.holdfast.comparison.load.Load;
import dev.holdfast.comparison.load.LoadGenerator;
import dev.holdfast.comparison.load.LoadResult;
import dev.holdfast.comparison.server.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisViewTest {

    private RedisServer server;
    private RedisView view;
    private RedisClient client;
    private RedisCommands<String, String> redis;

    @BeforeEach
    void start() {
        server = RedisServer.start();
        view = new RedisView(server.uri());
        client = RedisClient.create(server.uri());
        redis = client.connect().sync();
    }

    @AfterEach
    void stop() {
        client.shutdown();
        view.close();
        server.close();
    }

    @Test
    void everyIncrementOfALoadIsCountedPipelinedOrNot() throws IOException {
        LoadResult single = increments(1);
        CommandTime afterSingle = view.increments();
        LoadResult pipelined = increments(100);

        CommandTime ofPipelined = view.increments().minus(afterSingle);
        assertThat(single.accepted()).isEqualTo(500);
        assertThat(afterSingle.calls()).isEqualTo(500);
        assertThat(pipelined.accepted()).isEqualTo(500);
        assertThat(ofPipelined.calls()).isEqualTo(50_000);
        assertThat(redis.hget(IncrementRequests.KEY, "SKU-0000|available")).isEqualTo("50500");
    }

    @Test
    void anErrorIsNoIncrement() throws IOException {
        String ignored = redis.set(IncrementRequests.KEY, "no hash");

        LoadResult result = increments(1);

        assertThat(result.accepted()).isZero();
        assertThat(result.others()).isEqualTo(500);
    }

    @Test
    void scriptsAreCountedWhicheverWayTheyAreCalled() {
        CommandTime before = view.scripts();
        String digest = redis.scriptLoad("return redis.call('INCR', KEYS[1])");
        Long first = redis.evalsha(digest, ScriptOutputType.INTEGER, "counter");
        Long second = redis.eval("return redis.call('INCR', KEYS[1])", ScriptOutputType.INTEGER, "counter");

        CommandTime scripts = view.scripts().minus(before);

        assertThat(List.of(first, second)).containsExactly(1L, 2L);
        assertThat(scripts.calls()).isEqualTo(2);
    }

    @Test
    void everyElementOfAKeyIsInItsMemory() {
        for (int i = 0; i < 1000; i++) {
            // A sample of a few would see the small ones only.
            boolean ignored = redis.hset("hash", "field-" + i, i == 999 ? "x".repeat(1_000_000) : "x".repeat(100));
        }

        long bytes = view.bytes(List.of("hash", "missing"));

        assertThat(bytes).isBetween(1_100_000L, 1_400_000L);
        assertThat(view.hashLength("hash")).isEqualTo(1000);
    }

    private LoadResult increments(int together) throws IOException {
        return LoadGenerator.run(Load.closed(server.port(), new IncrementRequests(together), 0, 8, Duration.ZERO)
                .exactly(500));
    }
}
