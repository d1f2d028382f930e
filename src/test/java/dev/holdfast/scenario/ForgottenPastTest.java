package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.dev.LocalRedis;
import dev.holdfast.support.Api;
import dev.holdfast.support.RedisRoles;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A Redis that was a replica in between has another's past, and its process and its clients' connections are as they were. */
class ForgottenPastTest {

    private static final int CAPACITY = 10;

    private final String saleId = "past-" + UUID.randomUUID();
    private final String database = TestServers.freshDatabase();
    private final LocalRedis redis = RedisRoles.server();
    private final LocalRedis older = RedisRoles.server();
    private final List<TestNode> nodes = new ArrayList<>();
    private final BooksReader books = new BooksReader(database);

    @BeforeEach
    void sellEightOfTenAndKeepACopyWithTwo() {
        TestNode node = start();
        assertThat(node.api().putSale(saleId, false).status()).isEqualTo(201);
        assertThat(node.api().putStock(saleId, "GPU", CAPACITY).status()).isEqualTo(201);
        sell(node, 2);
        RedisRoles.demote(older, redis);
        RedisRoles.promote(older);
        sell(node, 6);
        await().until(() -> soldInTheBooks() == 8);
    }

    @AfterEach
    void end() {
        nodes.forEach(TestNode::close);
        redis.stop();
        older.stop();
    }

    @Test
    void nothingMoreIsSoldByANodeThatAsksAtOnce() {
        TestNode node = nodes.getFirst();

        forget();
        int sold = sellWhatIsGiven(node, 10);

        assertThat(8 + sold).as("units sold").isLessThanOrEqualTo(CAPACITY);
        // While it connects anew, nothing is sold either.
        await().until(() -> node.api().hold(saleId, "late", "GPU", 1).code().equals("recovering"));
    }

    @Test
    void nothingMoreIsSoldByBuyersWhoAskAllTheTimeOverSeveralLoops() throws InterruptedException {
        TestNode node = nodes.getFirst();
        TestNode second = start();
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger sold = new AtomicInteger();
        try (ExecutorService buyers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 8; i++) {
                TestNode asked = i % 2 == 0 ? node : second;
                buyers.execute(() -> {
                    while (!over.get()) {
                        int unused = sold.addAndGet(sellWhatIsGiven(asked, 1));
                    }
                });
            }
            forget();
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> node.api().sale(saleId, false).text("state").equals("recovering"));
            over.set(true);
        }

        assertThat(8 + sold.get()).as("units sold").isLessThanOrEqualTo(CAPACITY);
    }

    @Test
    void nothingIsSoldByANodeThatStartsAfterIt() {
        nodes.removeFirst().close();

        forget();
        TestNode later = start();
        int sold = sellWhatIsGiven(later, 10);

        assertThat(sold).isZero();
        assertThat(later.api().hold(saleId, "late", "GPU", 1).code()).isEqualTo("recovering");
    }

    @Test
    void theRebuiltSaleHasWhatIsLeft() {
        TestNode node = nodes.getFirst();
        forget();
        await().until(() -> node.api().hold(saleId, "late", "GPU", 1).code().equals("recovering"));

        assertThat(node.api().rebuild(saleId, "an older copy took over").status())
                .isEqualTo(202);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> node.api().stock(saleId).status() == 200);
        int sold = sellWhatIsGiven(node, 10);

        assertThat(sold).isEqualTo(2);
    }

    /** Its process goes on, and so do the nodes' connections: its data are the older copy's. */
    private void forget() {
        String before = RedisRoles.ask(redis, commands -> commands.info("server"));
        RedisRoles.demote(redis, older);
        RedisRoles.promote(redis);
        assertThat(runId(RedisRoles.ask(redis, commands -> commands.info("server"))))
                .isEqualTo(runId(before));
    }

    private static String runId(String info) {
        return info.lines()
                .filter(line -> line.startsWith("run_id:"))
                .findFirst()
                .orElseThrow();
    }

    private TestNode start() {
        TestNode node = TestNode.start(redis.uri(), database, tuning -> tuning.withHttpLoops(4));
        nodes.add(node);
        return node;
    }

    private void sell(TestNode node, int units) {
        assertThat(sellWhatIsGiven(node, units)).isEqualTo(units);
    }

    /** So many buyers ask for one unit each, one after the other; how many were told that they have it for good. */
    private int sellWhatIsGiven(TestNode node, int buyers) {
        int sold = 0;
        for (int i = 0; i < buyers; i++) {
            Api.Answer held = node.api().hold(saleId, "buyer", "GPU", 1);
            if (held.status() == 201
                    && node.api().confirm(saleId, held.text("reservationId")).status() == 200) {
                sold++;
            }
        }
        return sold;
    }

    private long soldInTheBooks() {
        return books.state(saleId).reservations().values().stream()
                .filter(row -> row.state().equals("confirmed"))
                .count();
    }
}
