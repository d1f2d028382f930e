package dev.holdfast.recorder;

import static dev.holdfast.ledger.TestBooks.await;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.admin.Auditor;
import dev.holdfast.admin.inspection.Inspector;
import dev.holdfast.ledger.AuditReport;
import dev.holdfast.ledger.InspectionBook;
import dev.holdfast.ledger.TestBooks;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.redis.ClockSampler;
import dev.holdfast.redis.ExpirerSettings;
import dev.holdfast.redis.HoldExpirer;
import dev.holdfast.redis.LaneScan;
import dev.holdfast.redis.LaneSetup;
import dev.holdfast.redis.LedgerText;
import dev.holdfast.redis.PinnedRedis;
import dev.holdfast.redis.RedisAtomicStep;
import dev.holdfast.redis.RedisLedgerStream;
import dev.holdfast.redis.RedisSettings;
import dev.holdfast.redis.ScriptCalls;
import dev.holdfast.redis.Scripts;
import dev.holdfast.redis.StockFollowers;
import dev.holdfast.redis.Witnesses;
import dev.holdfast.reservation.AtomicStep;
import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.HoldOutcome;
import dev.holdfast.reservation.HoldRequest;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import dev.holdfast.support.TestServers;
import dev.holdfast.support.TestWait;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;

/** A node that sells and records. */
final class RecordingNode implements AutoCloseable {

    static final Sku SHOE = new Sku("SHOE");

    final TestBooks db;
    final AtomicStep step;
    final LedgerStream stream;
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final Recorder recorder;
    final Auditor auditor;
    final Inspector inspector;

    private final PinnedRedis redis;
    private final LaneSetup setup;
    private final LaneCare care;
    private boolean closed;

    /** Its recorder is not started. */
    RecordingNode(String postgresUri, String name) {
        this(TestServers.redisUri(), postgresUri, RecorderSettings.of(name));
    }

    /** The same, on another Redis or with other settings. */
    RecordingNode(String redisUri, String postgresUri, RecorderSettings settings) {
        db = TestBooks.migrated(postgresUri);
        Context context = db.vertx.getOrCreateContext();
        redis = PinnedRedis.on(context, new RedisSettings(redisUri, TestWait.LIMIT, TestWait.LIMIT, 4096));
        await(redis.connect());
        Witnesses witnesses = new Witnesses();
        await(new ClockSampler(redis, witnesses.clock()).read());
        ScriptCalls calls = new ScriptCalls(redis, Scripts.bundled(), witnesses);
        Metrics metrics = new Metrics(meters);
        setup = new LaneSetup(calls);
        stream = new RedisLedgerStream(calls);
        step = new RedisAtomicStep(calls, new StockFollowers(calls, stream, Future::succeededFuture), metrics);
        auditor = new Auditor(db.vertx, stream, new LaneScan(calls), Future::succeededFuture, db.books, metrics);
        inspector = new Inspector(
                db.vertx,
                new LaneScan(calls),
                stream,
                Future::succeededFuture,
                db.books,
                new InspectionBook(db.postgres, LedgerText::parse),
                witnesses.suspects(),
                metrics,
                Duration.ofDays(30));
        recorder = new Recorder(
                context,
                new LedgerSource(stream, db.books.lanes()),
                db.books,
                new RecorderMetrics(metrics, InstantSource.system()),
                settings);
        HoldExpirer expirer = new HoldExpirer(
                calls,
                db.books.sales(),
                Future::succeededFuture,
                ExpirerSettings.every(Duration.ofMillis(500), ExpirerSettings.LEAST_RETENTION),
                recorder::looksAfter);
        care = new LaneCare(redis, settings.id(), witnesses.news(), recorder, expirer);
    }

    @CanIgnoreReturnValue
    RecordingNode record() {
        await(db.books.sales().start());
        await(recorder.start());
        return tell();
    }

    /** Tells other nodes, and hears from them, which lanes have changed. */
    @CanIgnoreReturnValue
    RecordingNode tell() {
        redis.context().runOnContext(on -> care.start());
        return this;
    }

    /** A new sale of shoes, open in PostgreSQL and in Redis. */
    Lane openLane(long shoes) {
        SaleId saleId = TestBooks.newSaleId();
        ListedSale listed = await(db.books.sales().change(TestBooks.ACTION, saleId, before -> TestBooks.sale(saleId)))
                .listed();
        SkuRules rules = TestBooks.rules(SHOE.value(), shoes);
        await(setup.setSale(listed.lane(), listed.sale(), true));
        await(db.books.skus().changeSku(TestBooks.ACTION, saleId, SHOE, before -> rules));
        await(setup.setStock(listed.lane(), rules));
        await(db.books.sales().laneOpened(listed.lane()));
        return listed.lane();
    }

    @CanIgnoreReturnValue
    Reservation hold(Lane lane, int shoes) {
        HoldRequest request = new HoldRequest(
                lane.saleId(), new CustomerId("c"), new Cart(List.of(new Line(SHOE, shoes))), null, null);
        ReservationId id = new ReservationId(UUID.randomUUID().toString().substring(0, ReservationId.KEY_LENGTH));
        HoldOutcome outcome = await(step.hold(lane, id, "print", request));
        return ((HoldOutcome.Held) outcome).reservation();
    }

    /** Waits until everything up to now is recorded. */
    void awaitRecorded(Lane lane) {
        long last = await(stream.lastSeq(lane));
        Awaitility.await().until(() -> db.recordedSeq(lane) >= last);
    }

    /** Audits the lane when all until now is recorded. */
    AuditReport audit(Lane lane) {
        return await(auditor.audit(lane.saleId())).orElseThrow();
    }

    /** Ends it without a word, as a crash would. */
    void crash() {
        closed = true;
        await(db.vertx.close());
    }

    @Override
    public void close() {
        if (!closed) {
            await(recorder.stop());
            await(care.stop());
            db.books.sales().stop();
            await(redis.close());
            db.close();
        }
    }
}
