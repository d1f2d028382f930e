package dev.holdfast;

import dev.holdfast.admin.Auditor;
import dev.holdfast.admin.ClockKeeper;
import dev.holdfast.admin.DatabaseWatch;
import dev.holdfast.admin.EndedRestore;
import dev.holdfast.admin.Housekeeper;
import dev.holdfast.admin.HousekeepingSettings;
import dev.holdfast.admin.KeyAdmin;
import dev.holdfast.admin.RebuildWatch;
import dev.holdfast.admin.RedissonSaleLock;
import dev.holdfast.admin.Releases;
import dev.holdfast.admin.Resender;
import dev.holdfast.admin.SaleRetirement;
import dev.holdfast.admin.ToldAnswersWatch;
import dev.holdfast.admin.inspection.Inspector;
import dev.holdfast.http.AdminRoutes;
import dev.holdfast.http.ApiKeys;
import dev.holdfast.http.Drain;
import dev.holdfast.http.EventStreams;
import dev.holdfast.http.Health;
import dev.holdfast.http.HoldGate;
import dev.holdfast.http.HttpListener;
import dev.holdfast.http.ListenerSettings;
import dev.holdfast.http.ListenerSettings.Side;
import dev.holdfast.http.PublicRoutes;
import dev.holdfast.http.PublicStock;
import dev.holdfast.http.Readiness;
import dev.holdfast.http.Routes;
import dev.holdfast.http.StockFeeds;
import dev.holdfast.http.StockPages;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.DeploymentRows;
import dev.holdfast.ledger.HousekeepingBook;
import dev.holdfast.ledger.InspectionBook;
import dev.holdfast.ledger.LaneListener;
import dev.holdfast.ledger.Migrations;
import dev.holdfast.ledger.Pools;
import dev.holdfast.ledger.Postgres;
import dev.holdfast.ledger.Records;
import dev.holdfast.ledger.RetirementBook;
import dev.holdfast.ledger.SecretRows;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.recorder.LaneCare;
import dev.holdfast.recorder.LedgerSource;
import dev.holdfast.recorder.PurchaseSums;
import dev.holdfast.recorder.Recorder;
import dev.holdfast.recorder.RecorderMetrics;
import dev.holdfast.recorder.RecorderSettings;
import dev.holdfast.redis.ClockSampler;
import dev.holdfast.redis.Deployment;
import dev.holdfast.redis.ExpirerSettings;
import dev.holdfast.redis.HoldExpirer;
import dev.holdfast.redis.LaneClearing;
import dev.holdfast.redis.LedgerText;
import dev.holdfast.redis.PinnedRedis;
import dev.holdfast.redis.RedisFitness;
import dev.holdfast.redis.RedisFitness.Severity;
import dev.holdfast.redis.RedisHealth;
import dev.holdfast.redis.RedisLaneStop;
import dev.holdfast.redis.RedisSettings;
import dev.holdfast.redis.ScriptCalls;
import dev.holdfast.redis.StockFollowers;
import dev.holdfast.redis.TrustAhead;
import dev.holdfast.redis.Witnesses;
import dev.holdfast.reservation.Receipts;
import dev.holdfast.reservation.SoldOutBoard;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.dns.AddressResolverOptions;
import io.vertx.core.internal.VertxInternal;
import java.net.BindException;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts the parts together, in the order of the way of a reservation. */
public final class Wiring {

    private static final Logger LOG = LoggerFactory.getLogger(Wiring.class);

    /** Anyone may open one: enough for a crowd, too few to take all memory. */
    private static final int MOST_STOCK_STREAMS = 1_000;

    private static final int MOST_OUTBOX_STREAMS = 100;

    /** Three looks of {@link DeploymentWatch}. */
    private static final Duration SECRET_IS_HEARD_OF = Duration.ofSeconds(3);

    private static final int BEGIN_AGAIN_MS = 1_000;
    /** How old what a name stood for may be. */
    private static final int NAMES_MS = 1_000;

    /** Of this start of this node, in all tables that name nodes. */
    private final String nodeId = UUID.randomUUID().toString();

    private final Settings settings;
    private final Tuning tuning;
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Metrics metrics = new Metrics(registry);
    private final Vertx vertx;
    private final Drain drain = new Drain();
    private final Holdfast service;
    private final Postgres postgres;
    private final Books books;
    private final NodeParts node;
    private final DeploymentRows deploymentRows;
    private final Deployment deployment;
    private final SecretRows secrets;

    /** Whether all is done that comes before the first reservation. */
    private volatile boolean begun;

    private volatile boolean ending;

    private final RedisHealth redisHealth;
    private final Witnesses witnesses = new Witnesses();
    private volatile @Nullable StockFollowers followers;
    private final EventStreams stockStreams = new EventStreams(MOST_STOCK_STREAMS, EventStreams.USUAL_HEARTBEAT);
    private final EventStreams outboxStreams = new EventStreams(MOST_OUTBOX_STREAMS, EventStreams.USUAL_HEARTBEAT);

    /** Starts nothing yet but what cannot fail. */
    private Wiring(Settings settings, Tuning tuning) {
        this.settings = settings;
        this.tuning = tuning;
        vertx = Vertx.vertx(new VertxOptions()
                // lettuce shares Vert.x's loops, so both have to be on the same transport.
                .setPreferNativeTransport(true)
                // A name may come to stand for another server: it is asked for again at each connect.
                .setAddressResolverOptions(new AddressResolverOptions()
                        .setHostsRefreshPeriod(NAMES_MS)
                        .setCacheMaxTimeToLive(NAMES_MS / 1_000)
                        .setCacheNegativeTimeToLive(0))
                .setEventLoopPoolSize(tuning.httpLoops() + 3)
                .setMaxEventLoopExecuteTime(tuning.blockedAfter().toMillis())
                .setMaxEventLoopExecuteTimeUnit(TimeUnit.MILLISECONDS)
                .setBlockedThreadCheckInterval(tuning.blockedAfter().toMillis())
                .setBlockedThreadCheckIntervalUnit(TimeUnit.MILLISECONDS));
        service = new Holdfast(vertx, drain);
        redisHealth = new RedisHealth(vertx, nodeId);
        Pools pools = Pools.open(vertx, settings.postgresUri(), nodeId);
        service.endWith(pools::close);
        postgres = pools.main();
        books = Books.on(pools, InstantSource.system());
        RedissonSaleLock lock = new RedissonSaleLock(vertx, settings.redisUri(), books.fences());
        service.endWith(lock::close);
        SoldOutBoard soldOut = new SoldOutBoard(settings.rush().nearCache());
        Records records = Records.on(pools.lookups(), LedgerText::parse);
        InspectionBook inspections = new InspectionBook(books.postgres(), LedgerText::parse);
        node = new NodeParts(
                vertx, books, records, inspections, lock, soldOut, metrics, settings.secret(), settings.keeping());
        deploymentRows = new DeploymentRows(postgres);
        deployment = new Deployment(deploymentRows);
        secrets = new SecretRows(
                postgres, settings.secret().digests(), settings.keeping().redis());
        books.sales().onForgotten(witnesses::forget);
        books.sales().onForgotten(soldOut::forget);
        books.sales().onForgotten(sales -> sales.forEach(sale -> metrics.forgetSale(sale.value())));
        metrics.nearRefusals(soldOut::refusals);
        metrics.eventStreams("stock", stockStreams::count);
        metrics.eventStreams("events", outboxStreams::count);
        metrics.redisUp(() -> redisHealth.troubles().isEmpty());
        metrics.postgresUp(postgres::canWrite);
        metrics.openIncidents(books.incidents()::open);
    }

    /** Starts a node as in production. Fails with a message of one line where it cannot. */
    public static Future<Holdfast> start(Settings settings) {
        return start(settings, Tuning.defaults());
    }

    /** Starts a node. What had started ends again where something fails. */
    public static Future<Holdfast> start(Settings settings, Tuning tuning) {
        Wiring wiring = new Wiring(settings, tuning);
        // Belongs to no event loop: where the start fails, they are gone before it is told.
        Promise<Holdfast> started = Promise.promise();
        wiring.start()
                .onSuccess(done -> started.complete(wiring.service))
                .onFailure(failure -> wiring.service.close().onComplete(closed -> started.fail(failure)));
        return started.future();
    }

    private Future<Void> start() {
        return vertx.<Void>executeBlocking(() -> {
                    Migrations.run(settings.postgresUri());
                    return null;
                })
                .compose(migrated -> secrets.require())
                .compose(known -> postgres.look())
                .compose(looked -> books.sales().start())
                .compose(known -> {
                    service.endWith(books.sales()::stop);
                    return books.keys().start();
                })
                .compose(known -> {
                    service.endWith(books.keys()::stop);
                    return books.incidents().start();
                })
                .compose(counting -> {
                    service.endWith(books.incidents()::stop);
                    return startStock();
                })
                .compose(stock -> startBackground().compose(started -> listen(stock)));
    }

    private Future<Void> listen(PublicStock stock) {
        ApiKeys keys = new ApiKeys(
                settings.checkoutKeys().byName(), settings.adminKeys().byName(), books.keys()::find);
        HttpListener admin = new HttpListener(
                listenAt(Side.ADMIN, settings.adminListener()), keys, metrics, drain, this::adminRoutes);
        List<HttpListener> publics = Stream.generate(() -> new HttpListener(
                        listenAt(Side.PUBLIC, settings.publicListener()),
                        keys,
                        metrics,
                        drain,
                        loop -> publicRoutes(loop, stock)))
                .limit(tuning.httpLoops())
                .toList();
        Queue<String> deployed = new ConcurrentLinkedQueue<>();
        return Future.all(publics.stream()
                        .map(listener -> vertx.deployVerticle(listener).onSuccess(deployed::add))
                        .toList())
                .recover(failure -> cannotListen("HOLDFAST_PORT", settings.publicListener(), failure))
                .compose(all -> vertx.deployVerticle(admin).onSuccess(deployed::add))
                .recover(failure -> cannotListen("HOLDFAST_ADMIN_PORT", settings.adminListener(), failure))
                .onSuccess(all -> {
                    // All at once, and before their connections: requests in hand are answered first.
                    service.endWith(() -> Future.join(
                                    deployed.stream().map(vertx::undeploy).toList())
                            .mapEmpty());
                    // Listeners wait for what they have begun to answer, and streams have no end of their own.
                    service.endWith(stockStreams::end);
                    service.endWith(outboxStreams::end);
                    service.listening(publics.getFirst().port(), admin.port(), settings.drain());
                })
                .mapEmpty();
    }

    private static <T> Future<T> cannotListen(String variable, Settings.Listener where, Throwable failure) {
        return Future.failedFuture(
                failure instanceof BindException
                        ? new IllegalStateException(
                                variable + ": cannot listen on " + where.host() + ":" + where.port() + ": "
                                        + failure.getMessage(),
                                failure)
                        : failure);
    }

    private static ListenerSettings listenAt(Side side, Settings.Listener where) {
        return ListenerSettings.of(side, where.host(), where.port());
    }

    private Future<Routes> publicRoutes(Context context, PublicStock stock) {
        return connect(context)
                .map(redis -> PublicRoutes.of(
                                redis.desk(),
                                gateBefore(redis.calls().redis()),
                                new Receipts(settings.secret().all()),
                                books.sales(),
                                stock,
                                Clock.systemUTC())
                        .unless(this::servesNothing));
    }

    private HoldGate gateBefore(PinnedRedis redis) {
        int most = settings.rush().maxWaitingHolds();
        return new HoldGate(most, () -> redis.keepsUp(most), metrics);
    }

    private Future<Routes> adminRoutes(Context context) {
        KeyAdmin keys = new KeyAdmin(books.keys(), settings.keyNames(), Clock.systemUTC());
        return connect(context)
                .map(redis -> AdminRoutes.of(
                                AdminParts.over(redis, keys, outboxStreams, health(), registry::scrape),
                                redis.desk(),
                                Clock.systemUTC())
                        .unless(this::servesNothing));
    }

    /**
     * What shows stock to anyone, on a loop and a connection of its own: those who sell and those who record are not kept from it. First, because
     * all other loops read stock there.
     */
    private Future<PublicStock> startStock() {
        Context context = ((VertxInternal) vertx).createEventLoopContext();
        return connect(context).map(redis -> {
            followers = redis.step().followers();
            return new PublicStock(new StockFeeds(context, redis.desk(), stockStreams), new StockPages(context));
        });
    }

    /** What runs beside the requests, on a loop and a connection of its own. */
    private Future<Void> startBackground() {
        Context context = ((VertxInternal) vertx).createEventLoopContext();
        return connect(context)
                .compose(redis -> requireFitness(redis.calls().redis())
                        .compose(fit -> onceAdmitted(redis.calls().redis()))
                        .map(redis))
                .compose(redis -> {
                    Recorder recorder = new Recorder(
                            context,
                            new LedgerSource(redis.stream(), redis.losses()),
                            books,
                            new RecorderMetrics(metrics, InstantSource.system()),
                            RecorderSettings.of(nodeId, settings.keeping().ledgerBehind()));
                    books.incidents().stoppedLanes().closeWith(new RedisLaneStop(redis.calls()));
                    ToldAnswersWatch told =
                            new ToldAnswersWatch(vertx, witnesses.answers(), books.lostAnswers(), nodeId);
                    LaneListener listener = LaneListener.of(
                            vertx,
                            settings.postgresUri(),
                            saleId -> books.incidents()
                                    .stoppedLanes()
                                    .heard(saleId)
                                    .onComplete(heard -> context.runOnContext(on -> told.look())));
                    postgres.onRenewal(listener::reconnect);
                    HoldExpirer expirer = new HoldExpirer(
                            redis.calls(),
                            books.sales(),
                            redis.trust(),
                            ExpirerSettings.every(
                                    tuning.intervals().sweep(),
                                    settings.keeping().redis()),
                            recorder::looksAfter);
                    LaneCare care = new LaneCare(redis.calls().redis(), nodeId, witnesses.news(), recorder, expirer);
                    TrustAhead ahead = new TrustAhead(redis.calls().redis(), books.sales(), redis.trust());
                    Auditor auditor = redis.auditor();
                    Inspector inspector = redis.inspector();
                    Resender resender = new Resender(
                            vertx,
                            books,
                            redis.sender(),
                            redis.stream(),
                            tuning.intervals().resend());
                    Releases releases = redis.releases();
                    Housekeeper housekeeper = housekeeper(redis);
                    DatabaseWatch databaseWatch = redis.databaseWatch();
                    databaseWatch.onNewLife(recorder::databaseMayBeOlder);
                    postgres.onRenewal(() -> context.runOnContext(on -> recorder.databaseMayBeOlder()));
                    EndedRestore endedRestore = redis.endedRestore();
                    RebuildWatch rebuildWatch = new RebuildWatch(books.rebuilds());
                    PurchaseSums purchaseSums = new PurchaseSums(books.purchases(), books.sales());
                    context.runOnContext(on -> {
                        databaseWatch.start(vertx, tuning.intervals().database());
                        endedRestore.start(
                                vertx, books.sales(), tuning.intervals().resend());
                        rebuildWatch.start(vertx, tuning.intervals().resend());
                        purchaseSums.start(vertx, tuning.intervals().audit(), recorder::records);
                        releases.start(vertx, tuning.intervals().resend());
                        care.start();
                        told.start();
                        ahead.start();
                        expirer.start();
                        auditor.start(tuning.intervals().audit(), recorder::records);
                        inspector.start(tuning.intervals().inspection(), recorder::records);
                        resender.start();
                        housekeeper.start(() -> !deployment.isRefused());
                    });
                    service.endWith(care::stop);
                    service.endWith(ahead::stop);
                    service.endWith(told::stop);
                    service.endWith(recorder::stop);
                    service.endWith(expirer::stop);
                    service.endWith(auditor::stop);
                    service.endWith(inspector::stop);
                    service.endWith(resender::stop);
                    service.endWith(housekeeper::stop);
                    service.endWith(releases::stop);
                    service.endWith(() -> databaseWatch.stop(vertx));
                    service.endWith(() -> endedRestore.stop(vertx));
                    service.endWith(() -> rebuildWatch.stop(vertx));
                    service.endWith(() -> purchaseSums.stop(vertx));
                    service.endWith(redisHealth::stop);
                    service.endWith(listener::close);
                    // An older PostgreSQL is noticed before anything is recorded into it.
                    return redisHealth
                            .start()
                            .compose(proven -> listener.start())
                            .compose(listening -> onLoop(context, databaseWatch::step))
                            .recover(failure -> {
                                LOG.info("the database's life is looked at later: {}", failure.getMessage());
                                return Future.succeededFuture();
                            })
                            .compose(looked -> recorder.start());
                });
    }

    /**
     * What comes before the first script and the first reservation. Where Redis is not this deployment's, the node starts without it, says
     * why it serves nothing, and makes up for it when it may serve.
     */
    private Future<Void> onceAdmitted(PinnedRedis redis) {
        DeploymentWatch watch = new DeploymentWatch(vertx, deployment, deploymentRows, secrets);
        service.endWith(watch::stop);
        service.endWith(() -> ending = true);
        Future<Void> first = redis.firstAdmission().compose(admitted -> begin(redis, watch));
        if (redis.connected()) {
            return first;
        }
        first.onFailure(failure -> beginLater(redis, watch, failure));
        return Future.succeededFuture();
    }

    private Future<Void> begin(PinnedRedis redis, DeploymentWatch watch) {
        return useSecret().compose(used -> watchClock(redis)).onSuccess(watched -> {
            begun = true;
            watch.start();
        });
    }

    /** Nobody waits for it any more, and the node serves nothing before. */
    private void beginLater(PinnedRedis redis, DeploymentWatch watch, Throwable why) {
        if (ending) {
            return;
        }
        if (deployment.isRefused()) {
            // The deployment has told it, once.
            LOG.debug("this node serves nothing yet: {}", why.getMessage());
        } else {
            LOG.error("This node serves nothing yet: {}", why.getMessage());
        }
        vertx.timer(BEGIN_AGAIN_MS, TimeUnit.MILLISECONDS)
                .compose(due -> begin(redis, watch))
                .onFailure(failure -> beginLater(redis, watch, failure));
    }

    private boolean servesNothing() {
        return !begun || deployment.isRefused();
    }

    /** Other nodes look every second which secrets are used: they hear of a new one before the first id is made under it. */
    private Future<Void> useSecret() {
        return secrets.use()
                .compose(isNew -> isNew
                        ? vertx.timer(SECRET_IS_HEARD_OF.toMillis(), TimeUnit.MILLISECONDS)
                                .mapEmpty()
                        : Future.succeededFuture());
    }

    /** Before any script is called: what a script believes of Redis's clock is what this node tells it. */
    private Future<Void> watchClock(PinnedRedis redis) {
        ClockKeeper clock = new ClockKeeper(
                vertx, new ClockSampler(redis, witnesses.clock()), books.clock(), books.incidents(), metrics);
        service.endWith(clock::stop);
        return clock.start();
    }

    private static Future<Void> onLoop(Context context, Supplier<Future<Void>> work) {
        Promise<Void> done = Promise.promise();
        context.runOnContext(on -> work.get().onComplete(done));
        return done.future();
    }

    private Housekeeper housekeeper(LaneAccess redis) {
        Settings.Keeping keeping = settings.keeping();
        return new Housekeeper(
                vertx,
                new HousekeepingBook(postgres),
                new SaleRetirement(new RetirementBook(postgres, books.sales()), new LaneClearing(redis.calls())),
                metrics,
                HousekeepingSettings.of(
                        UUID.randomUUID().toString(),
                        tuning.intervals().housekeeping(),
                        keeping.details(),
                        keeping.redis()));
    }

    private Future<Void> requireFitness(PinnedRedis redis) {
        return new RedisFitness(redis).check().compose(findings -> {
            findings.forEach(finding -> LOG.warn("{}", finding.text()));
            boolean refused = findings.stream().anyMatch(finding -> finding.severity() == Severity.REFUSE);
            return refused && !settings.allowUnsafeRedis()
                    ? Future.failedFuture(new IllegalStateException(unfit(findings)))
                    : Future.succeededFuture();
        });
    }

    private static String unfit(List<RedisFitness.Finding> findings) {
        return findings.stream()
                        .filter(finding -> finding.severity() == Severity.REFUSE)
                        .map(RedisFitness.Finding::text)
                        .collect(Collectors.joining(" "))
                + " To sell on it all the same, set HOLDFAST_ALLOW_UNSAFE_REDIS=true.";
    }

    /** Off the loop that will be used: lettuce makes its commands by reflection, half a second of it the first time. */
    private Future<LaneAccess> connect(Context context) {
        return vertx.executeBlocking(() -> connecting(context))
                .map(Objects::requireNonNull)
                .compose(connecting -> connecting);
    }

    private Future<LaneAccess> connecting(Context context) {
        PinnedRedis redis = PinnedRedis.on(context, RedisSettings.of(settings.redisUri()), deployment);
        redisHealth.watch(redis);
        service.endWith(redis::close);
        return redis.connect()
                .map(connected ->
                        LaneAccess.over(new ScriptCalls(redis, tuning.scripts(), witnesses), followers, node));
    }

    private Optional<String> refusal() {
        return deployment.refusal().or(() -> begun ? Optional.empty() : Optional.of("This node does not serve yet."));
    }

    private Health health() {
        return new Health() {
            @Override
            public Readiness readiness() {
                return new Readiness(drain.hasBegun(), refusal(), redisHealth.troubles(), postgres.writeProblem());
            }

            @Override
            public String version() {
                return Version.current();
            }
        };
    }
}
