package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Redis or PostgreSQL comes to have another past in the middle of a storm. What callers were told before that may be lost where it was not
 * recorded; what was told to be recorded is not, nothing that is told after it is lost or sold twice, and the sale sells again after a
 * rebuild.
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
            connection.sync().flushall();
            long lost = System.nanoTime();

            rebuildAndCheck(storm, lost);
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
            long lost = System.nanoTime();

            rebuildAndCheck(storm, lost);
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

            finish(storm.on(restored), List.of());
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

    private void rebuildAndCheck(SaleStorm storm, long lostNanos) {
        await().until(() -> !books().laneState(storm.saleId()).equals("open"));
        storm.rebuildByTheBooks(one.api());
        long done = storm.history().count("done");
        await().until(() -> storm.history().count("done") > done + 200);
        finish(storm, List.of(lostNanos));
    }

    /** @param losses moments after each of which Redis had another past */
    private static void finish(SaleStorm storm, List<Long> losses) {
        storm.end();
        storm.settle();
        Evidence evidence = storm.evidence();
        System.out.println(storm.saleId() + ": " + History.summary(evidence.operations()));
        for (long lost : losses) {
            evidence = evidence.afterLossAt(lost);
        }
        Violations violations =
                HistoryChecker.check(evidence, Settings.Rush.usual().nearCache());
        assertThat(violations.found()).as("%s", violations.perRule()).isEmpty();
    }
}
