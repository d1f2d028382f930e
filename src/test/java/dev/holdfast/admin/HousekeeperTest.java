package dev.holdfast.admin;

import static dev.holdfast.ledger.TestBooks.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.ledger.HousekeepingBook;
import dev.holdfast.ledger.RetirementBook;
import dev.holdfast.ledger.TestBooks;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.redis.LaneClearing;
import dev.holdfast.redis.PinnedRedis;
import dev.holdfast.redis.RedisSettings;
import dev.holdfast.redis.ScriptCalls;
import dev.holdfast.redis.Scripts;
import dev.holdfast.redis.Witnesses;
import dev.holdfast.reservation.Lane;
import dev.holdfast.support.TestServers;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HousekeeperTest {

    private static final Duration MONTH = Duration.ofDays(30);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private TestBooks db;
    private PinnedRedis redis;
    private Lane lane;

    @BeforeEach
    void open() {
        db = TestBooks.fresh();
        Context context = db.vertx.getOrCreateContext();
        redis = PinnedRedis.on(context, RedisSettings.of(TestServers.redisUri()));
        await(redis.connect());
        lane = db.openLane();
    }

    @AfterEach
    void close() {
        await(redis.close());
        db.close();
    }

    @Test
    void oneRunRemovesAllThatIsOldInSmallSteps() {
        bought(25, 31);
        bought(4, 29);
        dayOfTheLedger(40);
        dayOfTheLedger(41);
        Instant now = Instant.now();

        boolean ran = await(housekeeper("node", Duration.ofMillis(1)).run(now));

        assertThat(ran).isTrue();
        assertThat(db.rowsOf("reservations", lane)).isEqualTo(4);
        assertThat(removed("reservations")).isEqualTo(25);
        assertThat(removed("ledger-days")).isEqualTo(2);
        assertThat(db.number("select sum(units) from allowances")).isEqualTo(29);
        assertThat(meters.get("holdfast.housekeeping.last.run.timestamp.seconds")
                        .gauge()
                        .value())
                .isEqualTo(now.toEpochMilli() / 1e3);
    }

    @Test
    void ofTwoNodesAtOnceOneDoesIt() {
        bought(25, 31);

        List<Boolean> ran =
                await(Future.all(hourly("one").run(Instant.now()), hourly("two").run(Instant.now()))
                        .map(both -> both.<Boolean>list()));

        assertThat(ran).containsExactlyInAnyOrder(true, false);
        assertThat(removed("reservations")).isEqualTo(25);
        assertThat(db.number("select sum(units) from past_reservations")).isEqualTo(25);
    }

    @Test
    void whatCannotBeDoneNowKeepsNothingElseFromBeingDone() {
        bought(5, 31);
        dayOfTheLedger(40);

        db.whileReading(
                "ledger", () -> housekeeper("node", Duration.ofMillis(1)).run(Instant.now()));
        double afterFirst = removed("ledger-days");
        // Not within the interval after the first.
        await().until(() ->
                TestBooks.await(housekeeper("other", Duration.ofMillis(1)).run(Instant.now())));

        assertThat(afterFirst).isZero();
        assertThat(removed("reservations")).isEqualTo(5);
        assertThat(removed("ledger-days")).isEqualTo(1);
    }

    @Test
    void whereANodeIsStoppedInTheMiddleAnotherGoesOnAfterItsLease() {
        bought(25, 31);
        Housekeeper stopped = housekeeper("stopped", Duration.ofHours(1));
        Housekeeper next = housekeeper("next", Duration.ofMillis(1));

        Future<Boolean> run = stopped.run(Instant.now());
        await().until(() -> removed("reservations") > 0);
        stopped.stop();
        db.sql("update housekeeping set lease_until = now() + interval '1 hour'");
        boolean withinItsLease = await(next.run(Instant.now()));
        db.sql("update housekeeping set lease_until = now()");
        boolean afterIt = await(next.run(Instant.now()));

        assertThat(run.isComplete()).isFalse();
        assertThat(withinItsLease).isFalse();
        assertThat(afterIt).isTrue();
        assertThat(db.rowsOf("reservations", lane)).isZero();
        assertThat(db.number("select sum(reservations) from past_reservations")).isEqualTo(25);
    }

    @Test
    void startedItRunsByItself() {
        bought(5, 31);
        Housekeeper housekeeper = housekeeper("node", Duration.ofMillis(1));

        db.vertx.runOnContext(start -> housekeeper.start(() -> true));
        await().until(() -> db.rowsOf("reservations", lane) == 0);
        housekeeper.stop();

        assertThat(removed("reservations")).isEqualTo(5);
    }

    private Housekeeper hourly(String node) {
        return housekeeper(node, Duration.ofHours(1), Duration.ofMillis(1));
    }

    private Housekeeper housekeeper(String node, Duration pause) {
        return housekeeper(node, Duration.ofMillis(20), pause);
    }

    private Housekeeper housekeeper(String node, Duration interval, Duration pause) {
        ScriptCalls calls = new ScriptCalls(redis, Scripts.bundled(), new Witnesses());
        return new Housekeeper(
                db.vertx,
                new HousekeepingBook(db.postgres),
                new SaleRetirement(new RetirementBook(db.postgres, db.books.sales()), new LaneClearing(calls)),
                new Metrics(meters),
                new HousekeepingSettings(node, interval, pause, 10, MONTH, Duration.ofHours(24)));
    }

    private double removed(String what) {
        return meters.find("holdfast.housekeeping.removed").tag("what", what).counters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    /** So many buyers bought a shoe each, so many days ago. */
    private void bought(int buyers, int daysAgo) {
        db.sql("""
                insert into reservations (sale_id, reservation_id, lane, customer_id, state, lines, units, held_at, expires_at,
                                          ended_at, revision, fingerprint, epoch, seq, recorded_at)
                select $1, 'reservation-' || $3::integer || '-' || n, 0, 'c-' || n, 'confirmed', '{"SHOE":1}', 1,
                       now() - $3::integer * interval '1 day', now(), now(), 2, 'print', 1, n, now() - $3::integer * interval '1 day'
                from generate_series(1, $2::integer) n
                """, lane.saleId().value(), buyers, daysAgo);
    }

    private void dayOfTheLedger(int daysAgo) {
        db.sql("""
                create table ledger_batches_ago_%1$d partition of ledger_batches
                for values from ((current_date - %1$d)::timestamptz) to ((current_date - %1$d + 1)::timestamptz)
                """.formatted(daysAgo));
    }
}
