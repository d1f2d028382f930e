package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.Settings;
import dev.holdfast.dev.LocalPostgres;
import dev.holdfast.dev.LocalRedis;
import dev.holdfast.scenario.SaleStorm.Kind;
import dev.holdfast.scenario.SaleStorm.Town;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.List;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Kills what can be killed in the middle of a storm: nothing acknowledged is lost, and the service goes on by itself. */
class KillTest {

    private static final int CLIENTS = 12;
    private static final Duration NEAR_CACHE = Settings.Rush.usual().nearCache();

    /** Promised: so long after a recorder died, another may record its lanes. How soon it does is a matter of the machine. */
    private static final Duration RELIEF = Duration.ofSeconds(5);

    private static LocalRedis redis;
    private static LocalPostgres postgres;
    private static NodeProcess one;
    private static NodeProcess two;
    private static RedisClient client;
    private static StatefulRedisConnection<String, String> connection;
    private static BooksReader books;

    @BeforeAll
    static void startEverythingForItself() {
        redis = TestServers.ownRedis();
        postgres = TestServers.ownPostgres();
        one = NodeProcess.start(redis.uri(), postgres.uri());
        two = NodeProcess.start(redis.uri(), postgres.uri());
        client = RedisClient.create(redis.uri());
        connection = client.connect();
        books = new BooksReader(postgres.uri());
        one.awaitReady();
        two.awaitReady();
    }

    @AfterAll
    static void endEverything() {
        client.shutdown();
        one.close();
        two.close();
        redis.stop();
        postgres.stop();
    }

    @Test
    void aKilledRecorderIsRelievedAndNothingIsRecordedTwice() {
        try (SaleStorm storm = storm(1)) {
            storm.begin(CLIENTS);
            awaiting().until(() -> books.recordedSeq(storm.saleId()) > 200);
            NodeProcess recorder = recorderOfNow();

            String killed = books.recorder(storm.saleId());
            long killedAt = System.nanoTime();
            recorder.kill();
            assertThat(books.leaseLeft(storm.saleId())).isLessThan(RELIEF);
            awaiting().until(() -> isAnother(books.recorder(storm.saleId()), killed));
            Duration relief = Duration.ofNanos(System.nanoTime() - killedAt);
            long lost = storm.lane().lastSeq();
            awaiting().until(() -> books.recordedSeq(storm.saleId()) > lost);
            System.out.printf("recorder relieved after %d ms%n", relief.toMillis());
            recorder.restart();
            recorder.awaitReady();

            finish(storm);
            assertThat(storm.history().count("not-sent")).isPositive();
        }
    }

    @Test
    void aKilledRedisLosesNothingThatWasAcknowledged() {
        try (SaleStorm storm = storm(2)) {
            storm.begin(CLIENTS);
            awaiting().until(() -> storm.history().size() > 500);

            for (int times = 0; times < 3; times++) {
                long refused = storm.history().count("redis-unavailable");
                redis.kill();
                awaiting().until(() -> storm.history().count("redis-unavailable") > refused + 20);
                redis.restart();
                long sold = storm.history().count("done");
                awaiting().until(() -> storm.history().count("done") > sold + 200);
            }

            finish(storm);
        }
    }

    @Test
    void aKilledPostgresKeepsNobodyFromBuyingAndMissesNothing() {
        try (SaleStorm storm = storm(3)) {
            storm.begin(CLIENTS);
            awaiting().until(() -> books.recordedSeq(storm.saleId()) > 200);

            postgres.kill();
            long sold = storm.history().count("done");
            awaiting().until(() -> storm.history().count("done") > sold + 500);
            postgres.restart();
            long waiting = storm.lane().lastSeq();
            awaiting().ignoreExceptions().until(() -> books.recordedSeq(storm.saleId()) >= waiting);

            finish(storm);
        }
    }

    @Test
    void aPowerCutOfEverythingLosesNothingThatWasAcknowledged() {
        try (SaleStorm storm = storm(4)) {
            storm.begin(CLIENTS);
            awaiting().until(() -> storm.history().size() > 500);

            redis.kill();
            one.kill();
            postgres.kill();
            two.kill();
            redis.restart();
            postgres.restart();
            one.restart();
            two.restart();
            one.awaitReady();
            two.awaitReady();
            long sold = storm.history().count("done");
            awaiting().until(() -> storm.history().count("done") > sold + 200);

            finish(storm);
        }
    }

    @Test
    void aRecorderThatFreezesAndComesBackRecordsNothingTwice() {
        try (SaleStorm storm = storm(5)) {
            storm.begin(CLIENTS);
            awaiting().until(() -> books.recordedSeq(storm.saleId()) > 200);
            NodeProcess recorder = recorderOfNow();

            Signals.stop(recorder.pid());
            try {
                long frozenAt = storm.lane().lastSeq();
                awaiting().until(() -> books.recordedSeq(storm.saleId()) > frozenAt);
            } finally {
                Signals.resume(recorder.pid());
            }

            finish(storm);
        }
    }

    @Test
    void aRedisThatFreezesAndComesBackDidOnlyWhatItMayHaveDone() {
        try (SaleStorm storm = storm(6)) {
            storm.begin(CLIENTS);
            awaiting().until(() -> storm.history().size() > 500);

            for (int times = 0; times < 3; times++) {
                long unknown = storm.history().count("unknown");
                Signals.stop(redis.pid());
                awaiting().until(() -> storm.history().count("unknown") > unknown + CLIENTS);
                Signals.resume(redis.pid());
                long done = storm.history().count("done");
                awaiting().until(() -> storm.history().count("done") > done + 200);
            }

            finish(storm);
        }
    }

    /** The node that commits entries while this is asked. */
    private static NodeProcess recorderOfNow() {
        double before = one.recordedEvents();
        double beforeToo = two.recordedEvents();
        awaiting().until(() -> one.recordedEvents() > before + 20 || two.recordedEvents() > beforeToo + 20);
        return one.recordedEvents() > before + 20 ? one : two;
    }

    private static boolean isAnother(String recorder, String killed) {
        return !recorder.isEmpty() && !recorder.equals(killed);
    }

    private static SaleStorm storm(long salt) {
        Town town = new Town(one.api(), List.of(one.publicUri(), two.publicUri()), connection.sync(), books);
        return new SaleStorm(town, Kind.LONG, Storm.seed() + salt);
    }

    private static void finish(SaleStorm storm) {
        storm.end();
        storm.settle();
        Evidence evidence = storm.evidence();
        System.out.println(storm.saleId() + ": " + History.summary(evidence.operations()));
        Violations violations = HistoryChecker.check(evidence, NEAR_CACHE);
        assertThat(violations.found()).as("%s", violations.perRule()).isEmpty();
    }

    private static ConditionFactory awaiting() {
        return await();
    }
}
