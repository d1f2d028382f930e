package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.dev.LocalRedis;
import dev.holdfast.support.RedisRoles;
import dev.holdfast.support.SwitchedProxy;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Master and replica swap their roles behind one address, as a managed Redis does at each maintenance: connections stay, to the old master. */
class RoleSwapTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final String saleId = "swap-" + UUID.randomUUID();
    private final LocalRedis first = RedisRoles.server();
    private final LocalRedis second = RedisRoles.server();
    private final SwitchedProxy address = SwitchedProxy.to(first.port());
    private final TestNode node = TestNode.start(
            "redis://127.0.0.1:" + address.port(), TestServers.freshDatabase(), tuning -> tuning.withHttpLoops(3));

    @AfterEach
    void end() {
        node.close();
        address.close();
        first.stop();
        second.stop();
    }

    @Test
    void theNodeSellsOnAtTheNewMasterWithAllThatWasSold() {
        node.api().putSale(saleId, false).must(201);
        node.api().putStock(saleId, "GPU", 100).must(201);
        String held = node.api().hold(saleId, "ann", "GPU", 2).must(201).text("reservationId");
        RedisRoles.demote(second, first);

        swapRoles();
        await().atMost(PATIENCE)
                .until(() -> node.api().hold(saleId, "bob", "GPU", 1).status() == 201);
        await().atMost(PATIENCE).untilAsserted(() -> {
            for (int i = 0; i < 10; i++) {
                node.api().hold(saleId, "cid", "GPU", 1).must(201);
            }
        });

        node.api().confirm(saleId, held).must(200);
        await().atMost(PATIENCE).until(() -> node.api().probe("/health/ready").status() == 200);
        assertThat(node.api().audit(saleId).must(200).body().path("balanced").asBoolean())
                .isTrue();
        assertThat(node.api().sale(saleId, false).text("state")).isEqualTo("open");
    }

    @Test
    void anAdminsLockIsTakenAtTheNewMasterToo() {
        node.api().putSale(saleId, false).must(201);
        node.api().putStock(saleId, "GPU", 100).must(201);
        node.api().turn(saleId, "pause", "a lock is taken at the old master").must(200);
        RedisRoles.demote(second, first);

        swapRoles();
        await().atMost(PATIENCE)
                .until(() -> node.api().turn(saleId, "resume", "over").status() == 200);
        await().atMost(PATIENCE).until(() -> {
            node.api().turn(saleId, "pause", "again").must(200);
            return RedisRoles.ask(second, redis -> redis.clientList()).contains("name=holdfast-locks");
        });

        node.api().turn(saleId, "resume", "over").must(200);
    }

    private void swapRoles() {
        RedisRoles.promote(second);
        address.switchTo(second.port());
        RedisRoles.demote(first, second);
    }
}
