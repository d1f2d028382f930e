package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.support.Api;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A node dies again and again in the middle of what admins do: every adjustment is in force once in the end, or was refused. */
class AdminCrashTest {

    private static final String SKU = "RED-DRESS-M";
    private static final int CRASHES = 4;
    private static final int ADMINS = 3;

    private final String saleId = "sale-" + UUID.randomUUID();
    private final List<String> unknown = new ArrayList<>();
    private int keys;
    private long added;

    @Test
    void whatACrashLeavesOnItsWayIsBroughtToItsEndOnce() {
        long seed = Storm.seed();
        SplittableRandom dice = new SplittableRandom(seed);
        String database = TestServers.migratedDatabase();
        try (TestNode survivor = TestNode.start(TestServers.redisUri(), database, UnaryOperator.identity());
                NodeProcess mortal = NodeProcess.start(TestServers.redisUri(), database)) {
            Api api = survivor.api();
            api.putSale(saleId, false).must(201);
            api.putStock(saleId, SKU, 10).must(201);
            mortal.awaitReady();

            for (int crash = 0; crash < CRASHES; crash++) {
                adjustUntilItDies(mortal, dice.nextInt(30));
                mortal.restart();
                mortal.awaitReady();
            }
            for (String key : List.copyOf(unknown)) {
                Api.Answer again = await().until(() -> adjust(api, key), answer -> answer.status() == 201);
                assertThat(again.text("state")).isEqualTo("applied");
                added++;
            }

            long capacity = 10 + added;
            await().untilAsserted(() -> assertThat(
                            new BooksReader(database).state(saleId).stock().get(SKU))
                    .as("seed %d", seed)
                    .isEqualTo(new Counts(capacity, capacity, 0, 0)));
            assertThat(api.stock(saleId, SKU).body().path("capacity").asLong()).isEqualTo(capacity);
            assertThat(api.stock(saleId, SKU).body().path("version").asLong()).isEqualTo(1 + added);
            assertThat(unknown).as("what the crashes interrupted").isNotEmpty();
            assertThat(api.audit(saleId).body().path("balanced").asBoolean()).isTrue();
        }
    }

    /** Several admins at once ask for one unit each, until the node is gone. */
    private void adjustUntilItDies(NodeProcess mortal, int afterAdjustments) {
        Api api = mortal.api();
        long killAt = added() + 1 + afterAdjustments;
        try (ExecutorService admins = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (int admin = 0; admin < ADMINS; admin++) {
                running.add(admins.submit(() -> {
                    do {
                        note(api, nextKey());
                        // A request may also break because its connection was one to the process before this one.
                    } while (mortal.isServing());
                }));
            }
            try {
                await().pollInterval(Duration.ofMillis(1)).until(() -> added() >= killAt);
            } finally {
                mortal.kill();
            }
            for (Future<?> admin : running) {
                var unused = admin.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("an admin broke", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while admins finish", e);
        }
    }

    private long added() {
        synchronized (unknown) {
            return added;
        }
    }

    private void note(Api api, String key) {
        try {
            Api.Answer answer = adjust(api, key);
            synchronized (unknown) {
                if (answer.status() == 201) {
                    added++;
                } else if (!answer.code().equals("sale-locked")) {
                    unknown.add(key);
                }
            }
        } catch (UncheckedIOException broken) {
            // The same request will tell what became of this one.
            synchronized (unknown) {
                unknown.add(key);
            }
        }
    }

    private synchronized String nextKey() {
        return "key-" + keys++;
    }

    private Api.Answer adjust(Api api, String key) {
        return api.adjust(saleId, SKU, key, "{\"delta\":1,\"reason\":\"found one more\"}");
    }
}
