package dev.holdfast.admin;

import static dev.holdfast.ledger.TestBooks.await;
import static dev.holdfast.ledger.TestBooks.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.dev.LocalRedis;
import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.AdminAction.Kind;
import dev.holdfast.ledger.Author;
import dev.holdfast.ledger.FenceHolder;
import dev.holdfast.ledger.SaleIsLocked;
import dev.holdfast.ledger.TestBooks;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Unavailable;
import dev.holdfast.support.PostgresLock;
import dev.holdfast.support.TestServers;
import dev.holdfast.support.TestWait;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Operations that want the same sale: who waits, who is told what, and who cannot write any more. */
class SaleLockTest {

    private static String databaseUri;
    private static TestBooks books;
    private static LocalRedis redis;
    private static RedisClient client;
    private static RedisCommands<String, String> commands;

    /** Two nodes' locks. */
    private static RedissonSaleLock lock;

    private static RedissonSaleLock otherNodes;

    /** Of a node that waits for its turn as long as tests wait. */
    private static RedissonSaleLock patient;

    private final SaleId saleId = TestBooks.newSaleId();
    private final Turn first = new Turn();
    private final Turn second = new Turn();

    @BeforeAll
    static void start() {
        databaseUri = TestServers.migratedDatabase();
        books = TestBooks.migrated(databaseUri);
        redis = TestServers.ownRedis();
        client = RedisClient.create(redis.uri());
        commands = client.connect().sync();
        lock = newLock(RedissonSaleLock.PATIENCE);
        otherNodes = newLock(RedissonSaleLock.PATIENCE);
        patient = newLock(TestWait.LIMIT);
    }

    @AfterAll
    static void stop() {
        await(lock.close());
        await(otherNodes.close());
        await(patient.close());
        client.shutdown();
        books.close();
    }

    @AfterEach
    void endWhatGoesOn() {
        first.end();
        second.end();
    }

    @Test
    void operationsOfOneEventLoopTakeTurns() {
        Context loop = books.vertx.getOrCreateContext();
        List<Future<String>> done = new CopyOnWriteArrayList<>();
        loop.runOnContext(on -> {
            done.add(patient.within(saleId, action("anna"), first));
            done.add(patient.within(saleId, action("bob"), second));
        });
        await().until(() -> first.begun() || second.begun());

        Turn earlier = first.begun() ? first : second;
        Turn later = earlier == first ? second : first;
        boolean bothAtOnce = first.begun() && second.begun();
        earlier.end();
        await().until(later::begun);
        later.end();

        assertThat(bothAtOnce).isFalse();
        done.forEach(TestBooks::await);
    }

    @Test
    void operationsOfTwoNodesTakeTurns() {
        Future<String> annas = lock.within(saleId, action("anna"), first);
        await().until(first::begun);
        Future<String> bobs = patient.within(saleId, action("bob"), second);

        boolean bothAtOnce = second.begun();
        first.end();
        await().until(second::begun);
        second.end();

        assertThat(bothAtOnce).isFalse();
        assertThat(await(annas)).isEqualTo("done");
        assertThat(await(bobs)).isEqualTo("done");
    }

    @Test
    void whoWaitsInVainIsToldWhoHasTheSaleAndSinceWhen() {
        Future<String> annas = lock.within(saleId, action("anna"), TestWait.LIMIT, first);
        await().until(first::begun);

        Throwable failure = failureOf(otherNodes.within(saleId, action("bob"), second));

        FenceHolder holder = ((SaleIsLocked) failure).holder();
        assertThat(holder.actor()).isEqualTo("anna");
        assertThat(holder.operation()).isEqualTo("sale.changed");
        assertThat(holder.since().toEpochMilli())
                .isEqualTo(books.number(
                        "select floor(extract(epoch from since) * 1000)::bigint from sale_fences where sale_id = $1",
                        saleId.value()));
        assertThat(second.begun()).isFalse();
        first.end();
        assertThat(await(annas)).isEqualTo("done");
    }

    @Test
    void anotherSaleIsNotWaitedFor() {
        Future<String> annas = lock.within(saleId, action("anna"), first);
        await().until(first::begun);

        second.end();
        String bobs = await(lock.within(TestBooks.newSaleId(), action("bob"), second));

        assertThat(bobs).isEqualTo("done");
        assertThat(annas.isComplete()).isFalse();
    }

    @Test
    void theSaleIsGivenBackWhenTheWorkFails() {
        Throwable failure = failureOf(lock.within(saleId, action("anna"), fenced -> {
            throw new IllegalStateException("cannot be done");
        }));

        assertThat(failure).hasMessage("cannot be done");
        assertThat(commands.exists(key())).isZero();
    }

    @Test
    void whoseLeaseRanOutCannotWriteOverWhatCameAfter() {
        Future<Sale> annas = lock.within(
                saleId, action("anna"), fenced -> first.apply(fenced).compose(on -> named(fenced, "Anna's")));
        await().until(first::begun);
        endLease();

        Sale bobs = await(otherNodes.within(saleId, action("bob"), fenced -> named(fenced, "Bob's")));
        first.end();
        Throwable failure = failureOf(annas);

        assertThat(bobs.name()).isEqualTo("Bob's");
        assertThat(((SaleIsLocked) failure).holder().actor()).isEqualTo("bob");
        assertThat(books.text("select name from sales where sale_id = $1", saleId.value()))
                .isEqualTo("Bob's");
        assertThat(books.text("select string_agg(actor, ' ') from admin_actions where sale_id = $1", saleId.value()))
                .isEqualTo("bob");
    }

    @Test
    void whoseLeaseRanOutBeforeItBeganDisturbsNobody() {
        Future<String> annas;
        try (PostgresLock standstill =
                PostgresLock.taken(databaseUri, "lock table sale_fences in access exclusive mode")) {
            annas = lock.within(saleId, action("anna"), first);
            await().until(() -> standstill.waiting() == 1);
            endLease();
        }

        first.end();
        Throwable failure = failureOf(annas);

        assertThat(failure).isInstanceOf(Unavailable.class).hasMessage("sale %s was not had in time", saleId);
        assertThat(first.begun()).isFalse();
        assertThat(books.number("select count(*) from sale_fences where sale_id = $1", saleId.value()))
                .isZero();
    }

    @Test
    void nobodyGivesBackWhatIsAnothers() {
        Future<String> annas = lock.within(saleId, action("anna"), first);
        await().until(first::begun);
        endLease();
        Future<String> bobs = lock.within(saleId, action("bob"), TestWait.LIMIT, second);
        await().until(second::begun);

        first.end();
        String annasEnd = await(annas);

        assertThat(annasEnd).isEqualTo("done");
        assertThat(commands.exists(key())).isOne();
        assertThat(failureOf(otherNodes.within(saleId, action("carol"), fenced -> Future.succeededFuture())))
                .isInstanceOf(SaleIsLocked.class);
        second.end();
        assertThat(await(bobs)).isEqualTo("done");
    }

    @Test
    void withoutRedisWhoClaimedLastIsDone() {
        await(lock.within(saleId, action("anna"), fenced -> named(fenced, "Anna's")));
        redis.kill();
        try {
            Future<Sale> annas = lock.within(
                    saleId,
                    action("anna"),
                    fenced -> first.apply(fenced).compose(on -> named(fenced, "Anna's second")));
            await().until(first::begun);
            Sale bobs = await(otherNodes.within(saleId, action("bob"), fenced -> named(fenced, "Bob's")));
            first.end();
            Throwable failure = failureOf(annas);

            assertThat(bobs.name()).isEqualTo("Bob's");
            assertThat(((SaleIsLocked) failure).holder().actor()).isEqualTo("bob");
        } finally {
            redis.restart();
        }
    }

    @Test
    void onceRedisIsBackOthersWaitAgain() {
        redis.kill();
        await(lock.within(saleId, action("anna"), fenced -> named(fenced, "Anna's")));
        redis.restart();

        await().untilAsserted(() -> {
            Turn turn = new Turn();
            Future<String> annas = lock.within(saleId, action("anna"), turn);
            await().until(turn::begun);
            long locks = commands.exists(key());
            turn.end();
            await(annas);
            assertThat(locks).isOne();
        });
    }

    @Test
    void tokensOnlyGrowThoughRedisForgetsEverything() {
        await(lock.within(saleId, action("anna"), fenced -> Future.succeededFuture()));
        commands.flushall();

        await(lock.within(saleId, action("bob"), fenced -> Future.succeededFuture()));

        assertThat(books.number("select token from sale_fences where sale_id = $1", saleId.value()))
                .isEqualTo(2);
    }

    private Future<Sale> named(AdminAction fenced, String name) {
        Sale sale = new Sale(saleId, name, 0, 0, 60_000, 600_000, 0, 0, "EUR", false, Sale.Switch.OPEN, null, 0, 0);
        return books.books
                .sales()
                .change(fenced, saleId, before -> sale)
                .map(change -> change.listed().sale());
    }

    /** As Redis does it when the time is over. */
    private void endLease() {
        assertThat(commands.del(key())).isOne();
    }

    private String key() {
        return "hf:{" + saleId + "}:lock";
    }

    private static AdminAction action(String actor) {
        return new AdminAction(new Author(actor, "test", "0123456789abcdef"), Kind.SALE_CHANGED, null);
    }

    private static RedissonSaleLock newLock(Duration patience) {
        return new RedissonSaleLock(books.vertx, redis.uri(), books.books.fences(), patience);
    }

    /** Work that goes on until the test ends it. */
    private static final class Turn implements Function<AdminAction, Future<String>> {

        private final Promise<String> end = Promise.promise();
        private volatile boolean begun;

        @Override
        public Future<String> apply(AdminAction fenced) {
            begun = true;
            return end.future();
        }

        boolean begun() {
            return begun;
        }

        void end() {
            var unused = end.tryComplete("done");
        }
    }
}
