package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.Settings;
import dev.holdfast.dev.LocalPostgres;
import dev.holdfast.dev.LocalRedis;
import dev.holdfast.scenario.SaleStorm.Kind;
import dev.holdfast.scenario.SaleStorm.Town;
import dev.holdfast.support.RedisRoles;
import dev.holdfast.support.SwitchingProxy;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Redis or PostgreSQL comes to have another past in the middle of a storm. The sale sells again after a rebuild, which puts back what callers
 * were told of, or lists it; nothing that is told after it is lost, and nothing is sold twice.
 */
class LostPastStormTest {

    private static final int CLIENTS = 12;

    private LocalRedis redis;
    private LocalPostgres postgres;
    private SwitchingProxy address;
    private TestNode one;
    private TestNode two;
    private RedisClient client;
    private StatefulRedisConnection<String, String> connection;

    @BeforeEach
    void startEverything() {
        redis = TestServers.ownRedis();
        postgres = TestServers.ownPostgres();
        address = new SwitchingProxy(postgres.port());
        String uri = "postgresql://postgres:postgres@127.0.0.1:" + address.port() + "/postgres";
        one = TestNode.start(redis.uri(), uri, UnaryOperator.identity());
        two = TestNode.start(redis.uri(), uri, UnaryOperator.identity());
        client = RedisClient.create(redis.uri());
        connection = client.connect();
    }

    @AfterEach
    void endEverything() {
        client.shutdown();
        one.close();
        two.close();
        address.close();
        redis.stop();
        postgres.stop();
    }

    @Test
    void anEmptiedRedisSellsNothingTwice() {
        try (SaleStorm storm = begun(books())) {
            loseWhatIsNotRecorded(storm);

            storm.rebuildAfterLoss(one.api());

            LostBooks lost = sellOnAndFinish(storm);
            assertThat(lost.count(LostBooks.PUT_BACK)).isPositive();
        }
    }

    @Test
    void aRebuildThatDiscardsPutsNothingBack() {
        try (SaleStorm storm = begun(books())) {
            loseWhatIsNotRecorded(storm);

            storm.rebuildDiscarding(one.api());

            LostBooks lost = sellOnAndFinish(storm);
            assertThat(lost.count(LostBooks.PUT_BACK)).isZero();
            assertThat(lost.losses()).isNotEmpty();
        }
    }

    @Test
    void aRedisThatWasDemotedAndPromotedAgainSellsNothingTwice() {
        LocalRedis other = TestServers.ownRedis();
        try (SaleStorm storm = begun(books())) {
            // The other one has what there was a while ago: a replica that was cut off.
            RedisRoles.demote(other, redis);
            RedisRoles.promote(other);
            long past = storm.lane().lastSeq();
            await().until(() -> books().recordedSeq(storm.saleId()) > past + 200);

            RedisRoles.demote(redis, other);
            RedisRoles.promote(redis);
            storm.lostThePast();
            storm.awaitStopped();

            storm.rebuildAfterLoss(one.api());

            sellOnAndFinish(storm);
        } finally {
            other.stop();
        }
    }

    /** Redis keeps the last minutes of the ledger: they are recorded again, and the sale goes on. */
    @Test
    void aPostgresThatIsRestoredFromAnOlderBackupIsBroughtUpToRedis() {
        try (SaleStorm storm = begun(books())) {
            LocalPostgres older = TestServers.copyOf(postgres);
            long backup = books().recordedSeq(storm.saleId());
            await().until(() -> books().recordedSeq(storm.saleId()) > backup + 200);

            address.leadTo(older.port());
            postgres.kill();
            BooksReader restored = new BooksReader(older.uri());
            await().ignoreExceptions().until(() -> restored.recordedSeq(storm.saleId()) > backup + 400);

            finish(storm.on(restored));
            older.stop();
        }
    }

    private BooksReader books() {
        return new BooksReader(postgres.uri());
    }

    private SaleStorm begun(BooksReader books) {
        Town town = new Town(one.api(), List.of(one.publicUri(), two.publicUri()), connection.sync(), books);
        SaleStorm storm = new SaleStorm(town, Kind.LONG, Storm.seed());
        storm.begin(CLIENTS);
        await().until(() -> books.recordedSeq(storm.saleId()) > 200);
        return storm;
    }

    /** Redis is emptied when callers have been told of much that PostgreSQL, which is away, has not recorded. */
    private void loseWhatIsNotRecorded(SaleStorm storm) {
        postgres.kill();
        long done = storm.history().count("done");
        await().until(() -> storm.history().count("done") > done + 400);
        assertThat(connection.sync().flushall()).isEqualTo("OK");
        storm.lostThePast();
        postgres.restart();
        storm.awaitStopped();
    }

    @CanIgnoreReturnValue
    private static LostBooks sellOnAndFinish(SaleStorm storm) {
        long done = storm.history().count("done");
        await().until(() -> storm.history().count("done") > done + 200);
        return finish(storm);
    }

    @CanIgnoreReturnValue
    private static LostBooks finish(SaleStorm storm) {
        storm.end();
        storm.settle();
        Evidence evidence = storm.evidence();
        LostBooks lost = Objects.requireNonNull(evidence.books()).lost();
        System.out.println(storm.saleId() + ": " + History.summary(evidence.operations()) + ", " + lost.summary());
        Violations violations =
                HistoryChecker.check(evidence, Settings.Rush.usual().nearCache());
        assertThat(violations.found()).as("%s", violations.perRule()).isEmpty();
        return lost;
    }
}
