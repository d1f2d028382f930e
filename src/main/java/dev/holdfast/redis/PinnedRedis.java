package dev.holdfast.redis;

import dev.holdfast.reservation.Unavailable;
import dev.holdfast.reservation.Unavailable.Reason;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SetArgs;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SocketOptions.KeepAliveOptions;
import io.lettuce.core.SocketOptions.TcpUserTimeoutOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.event.Event;
import io.lettuce.core.event.connection.ReconnectFailedEvent;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.PromiseInternal;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to Redis whose I/O, timers and answers run on the event loop of one Vert.x context, so that a request never
 * changes threads. It connects again by itself, and never repeats a command by itself.
 */
public final class PinnedRedis {

    private static final Logger LOG = LoggerFactory.getLogger(PinnedRedis.class);

    private static final Duration RECONNECT_DELAY_MIN = Duration.ofMillis(100);
    private static final Duration RECONNECT_DELAY_MAX = Duration.ofSeconds(1);

    /** Between two questions whether a connection may be used: at first it may only not be ready. */
    private static final long ADMISSION_DELAY_MIN_MS = 10;

    private static final long ADMISSION_DELAY_MAX_MS = 500;

    /** Where Redis says which deployment it belongs to. */
    static final String DEPLOYMENT_KEY = "hf:deployment";
    /** Longer than any pause between two probes. */
    private static final Duration PROBE_LIFETIME = Duration.ofMinutes(1);

    /** Twice what a command has: a burst that takes Redis some hundred ms is not silence. */
    private static final Duration LONG_SILENCE = Duration.ofSeconds(1);

    private final ContextInternal context;
    private final EventLoop loop;
    private final RedisSettings settings;
    private final RedisURI uri;
    private final ClientResources resources;

    /** The same without our customizer, which would take another client's channel for ours. */
    private final ClientResources resourcesOfOthers;

    private final RedisClient client;
    private final ConnectionHealth health = new ConnectionHealth();
    private final PendingReplies pending;
    private final Admission admission;
    private final AddressResolverGroup<InetSocketAddress> names;
    private final String id = UUID.randomUUID().toString();
    private final List<Runnable> onNewConnection = new CopyOnWriteArrayList<>();
    private final List<Runnable> onOtherData = new CopyOnWriteArrayList<>();
    private final Promise<Void> firstLook = Promise.promise();
    private final Promise<Void> firstAdmission = Promise.promise();
    private final Pulse pulse;

    private volatile String probeKey = "hf:probe:nobody";
    private volatile @Nullable StatefulRedisConnection<String, String> connection;
    private volatile boolean connected;
    private volatile @Nullable Channel channel;
    private volatile boolean closing;
    private final AtomicLong connections = new AtomicLong();
    private final AtomicLong standstills = new AtomicLong();

    /** The connection, as they are counted, that may be used; 0 before the first. */
    private volatile long admitted;

    private volatile @Nullable Throwable refusal;

    /** What it was when it was last looked at. */
    private boolean replica;

    /** Set while the connection is given up: nothing more is sent on it, and it ends when what was sent is answered. */
    private boolean leaving;

    private PinnedRedis(
            ContextInternal context,
            RedisSettings settings,
            Admission admission,
            DnsServerAddressStreamProvider nameServers) {
        this.context = context;
        this.settings = settings;
        loop = context.nettyEventLoop();
        this.admission = admission;
        pending = new PendingReplies(loop, settings.commandTimeout(), health, this::onErrorReply);
        names = FreshNames.forLettuce(nameServers);
        pulse = new Pulse(loop);
        uri = RedisURI.create(settings.uri());
        uri.setTimeout(settings.connectTimeout());
        resources = ClientResources.builder()
                .eventLoopGroupProvider(new OneLoop(loop))
                .eventExecutorGroup(loop)
                .timer(new LoopTimer(loop))
                .commandLatencyRecorder(CommandLatencyRecorder.disabled())
                .addressResolverGroup(names)
                .nettyCustomizer(new Sockets())
                .reconnectDelay(Delay.exponential(RECONNECT_DELAY_MIN, RECONNECT_DELAY_MAX, 2, TimeUnit.MILLISECONDS))
                .build();
        resourcesOfOthers =
                resources.mutate().nettyCustomizer(new NettyCustomizer() {}).build();
        client = RedisClient.create(resources, uri);
        client.setOptions(options(settings));
        client.addListener(new StateListener());
        resources.eventBus().get().subscribe(this::noteReconnectFailure);
    }

    /**
     * Not yet connected. Throws IllegalArgumentException for a context without an event loop or a bad URI, and
     * IllegalStateException where Vert.x runs on another transport than lettuce.
     *
     * @param admission is asked of every connection that is made, before anything else is sent on it
     */
    public static PinnedRedis on(Context context, RedisSettings settings, Admission admission) {
        return on(context, settings, admission, FreshNames.ofThisMachine());
    }

    /** The same, whatever Redis it reaches. */
    public static PinnedRedis on(Context context, RedisSettings settings) {
        return on(context, settings, Admission.OF_ANY);
    }

    static PinnedRedis on(
            Context context, RedisSettings settings, Admission admission, DnsServerAddressStreamProvider nameServers) {
        if (!context.isEventLoopContext()) {
            throw new IllegalArgumentException("not an event loop context");
        }
        return new PinnedRedis((ContextInternal) context, settings, admission, nameServers);
    }

    /**
     * Connects, once, and answers when it is decided for the first time whether the connection may be used: {@link #requireAdmitted} tells.
     * Fails with {@link Unavailable}, which names the host.
     */
    public Future<Void> connect() {
        return Future.fromCompletionStage(client.connectAsync(StringCodec.UTF8, uri), context)
                .recover(failure -> Future.failedFuture(cannotConnect(failure)))
                .compose(made -> {
                    connection = made;
                    onLoop(pulse::start);
                    onLoop(() -> admit(connections.get(), ADMISSION_DELAY_MIN_MS));
                    return firstLook.future();
                });
    }

    /** Whether commands can be sent now. */
    public boolean connected() {
        return isOpen() && isAdmitted();
    }

    /** Completes when this connection may be used for the first time. */
    public Future<Void> firstAdmission() {
        return firstAdmission.future();
    }

    /** Fails with what speaks against using this connection. */
    public Future<Void> requireAdmitted() {
        Throwable why = refusal;
        return connected() ? Future.succeededFuture() : Future.failedFuture(why == null ? notSent("using Redis") : why);
    }

    /**
     * Looks which data this connection reaches, and whether it may be used. One that has become a replica is given up, and connected to
     * anew: its name may lead to the new master. Fails with {@link Unavailable}.
     */
    Future<Identity> look() {
        return identity().compose(found -> {
            replica = !found.isMaster();
            if (found.isMaster()) {
                return admission.judge(this, found).map(found).onFailure(failure -> onLoop(this::judgeAgain));
            }
            onLoop(() -> health.met(RedisTrouble.REPLICA));
            if (isAdmitted()) {
                onLoop(this::leave);
            }
            return Future.failedFuture(isReplica());
        });
    }

    /** Tells that Redis was found to have other data than before. */
    void dataChanged() {
        onLoop(() -> onOtherData.forEach(Runnable::run));
    }

    /** Calls back, on the loop, each time a connection was made. */
    void onNewConnection(Runnable listener) {
        onNewConnection.add(listener);
    }

    /** Calls back, on the loop, when Redis shows that its data are not those of before, or that it is no master any more. */
    void onOtherData(Runnable listener) {
        onOtherData.add(listener);
    }

    /**
     * Counts the connections made, and how often this node was found to have stood still: what was known of Redis before it changed may
     * not hold any more. Standstills are found on the event loop only.
     */
    public long generation() {
        if (loop.inEventLoop() && pulse.stoodStill()) {
            LOG.info("this node stood still: it asks Redis at {} anew for what it knew", this);
            standstills.incrementAndGet();
        }
        return connections.get() + standstills.get();
    }

    /**
     * Whether Redis answers as it is asked: fewer than {@code most} commands wait, those included whose callers gave up, and it has
     * not been silent for half the time that a command has. To be asked on the event loop.
     */
    public boolean keepsUp(int most) {
        return pending.unanswered() < most && !pending.isSilent();
    }

    /** What is wrong with Redis as far as this connection knows; empty where it takes writes. For all threads. */
    Optional<RedisTrouble> trouble() {
        return isOpen() && admission.isRefused()
                ? Optional.of(RedisTrouble.NOT_SERVED)
                : health.trouble().or(() -> connected() ? Optional.empty() : Optional.of(RedisTrouble.DISCONNECTED));
    }

    /** How long ago a probe was taken last, ns. For all threads. */
    long sinceWrittenNanos() {
        return health.sinceWrittenNanos();
    }

    /** Names the key that a probe writes. To be called before the connection is made. */
    void probeWith(String key) {
        probeKey = key;
    }

    /** Writes a key of this node's own, which goes again by itself. Fails as {@link #send} does. */
    Future<Void> probe() {
        return this.<String>send(
                        "writing " + probeKey,
                        Effect.CHANGES,
                        commands -> commands.set(probeKey, "", SetArgs.Builder.px(PROBE_LIFETIME)))
                .onSuccess(written -> onLoop(() -> health.probeTaken(System.nanoTime())))
                .mapEmpty();
    }

    /** False where Redis has owed replies for long and gives none. To be called on the loop, now and then. */
    boolean lookForSilence() {
        boolean owes = pending.owedNanos() > LONG_SILENCE.toNanos();
        health.looked(owes);
        return !owes;
    }

    /** Where answers arrive. */
    public Context context() {
        return context;
    }

    /** Ends the connection; the event loop stays Vert.x's. */
    public Future<Void> close() {
        closing = true;
        onLoop(pulse::stop);
        return Future.fromCompletionStage(client.shutdownAsync(), context)
                .onComplete(done -> shutDownResources())
                .mapEmpty();
    }

    /** Host, port and database, for people. */
    public String place() {
        return this + ", database " + uri.getDatabase();
    }

    /** Host and port, without the password. */
    @Override
    public String toString() {
        return uri.getHost() + ":" + uri.getPort();
    }

    /**
     * Sends a command. Fails with {@link Unavailable}; with lettuce's RedisNoScriptException where Redis does not have the
     * script; with IllegalStateException where Redis calls the command wrong.
     *
     * @param what names the command and its object in failures
     */
    <T> Future<T> send(
            String what, Effect effect, Function<RedisAsyncCommands<String, String>, RedisFuture<T>> command) {
        PromiseInternal<T> promise = callerContext().promise();
        onLoop(() -> {
            if (isAdmitted()) {
                dispatch(what, effect, command, promise);
            } else {
                promise.fail(notSent(what));
            }
        });
        return promise.future();
    }

    /** As {@link #send}, also on a connection that is not, or not yet, to be used: to find out what it reaches. */
    <T> Future<T> ask(
            String what, Effect effect, Function<RedisAsyncCommands<String, String>, RedisFuture<T>> command) {
        PromiseInternal<T> promise = callerContext().promise();
        onLoop(() -> dispatch(what, effect, command, promise));
        return promise.future();
    }

    /** A client of its own on the same loop, for a connection that is used for something else than commands. Not yet connected. */
    RedisClient otherClient() {
        RedisClient other = RedisClient.create(resourcesOfOthers, uri);
        other.setOptions(options(settings));
        return other;
    }

    /** Where Redis is. */
    RedisURI uri() {
        return uri;
    }

    /** At once where this is the loop, else soon. */
    void onLoop(Runnable action) {
        if (loop.inEventLoop()) {
            action.run();
        } else {
            loop.execute(action);
        }
    }

    /** When all that the loop read in this turn has been handled. To be called on the loop. */
    void whenThisTurnEnds(Runnable action) {
        loop.execute(action);
    }

    private <T> void dispatch(
            String what,
            Effect effect,
            Function<RedisAsyncCommands<String, String>, RedisFuture<T>> command,
            PromiseInternal<T> promise) {
        StatefulRedisConnection<String, String> made = connection;
        if (made == null || leaving || !isOpen()) {
            promise.fail(notSent(what));
            return;
        }
        if (pending.unanswered() >= settings.requestQueueSize()) {
            promise.fail(new Unavailable(
                    Reason.OVERLOADED, what + ": " + pending.unanswered() + " commands wait for Redis", null));
            return;
        }
        RedisFuture<T> reply;
        try {
            reply = command.apply(made.async());
        } catch (RuntimeException e) {
            // A command that cannot even be written down is a bug of ours; the caller must hear of it all the same.
            promise.fail(e);
            return;
        }
        Throwable refusal = refusalBeforeSending(reply);
        if (refusal == null) {
            pending.await(reply, what, effect, promise);
        } else {
            promise.fail(RedisFailures.notSent(what, refusal));
        }
    }

    private boolean isOpen() {
        StatefulRedisConnection<String, String> made = connection;
        return connected && made != null && made.isOpen();
    }

    private boolean isAdmitted() {
        return admitted == connections.get() && !admission.isRefused();
    }

    private Unavailable notSent(String what) {
        return RedisFailures.notSent(what, trouble().orElse(RedisTrouble.DISCONNECTED), toString());
    }

    private Unavailable isReplica() {
        return RedisFailures.notSent("looking what Redis is", RedisTrouble.REPLICA, toString());
    }

    private Future<Identity> identity() {
        String thisConnection = id + '/' + connections.get();
        Future<Map<String, String>> server = info("server");
        Future<Map<String, String>> replication = info("replication");
        Future<Optional<String>> deployment = ask(
                        "asking Redis for its deployment", Effect.READS, commands -> commands.get(DEPLOYMENT_KEY))
                .map(Optional::ofNullable);
        return Future.all(server, replication, deployment).map(all -> {
            Map<String, String> info = new HashMap<>(server.result());
            info.putAll(replication.result());
            return new Identity(
                    Reign.of(info, thisConnection),
                    Reign.isMaster(info),
                    deployment.result().orElse(null));
        });
    }

    /** Empty where Redis does not tell. */
    private Future<Map<String, String>> info(String section) {
        return ask("asking Redis about its " + section, Effect.READS, commands -> commands.info(section))
                .map(RedisFitness::fields)
                .recover(failure -> RedisFailures.isAnswer(failure)
                        ? Future.succeededFuture(Map.of())
                        : Future.failedFuture(failure));
    }

    /** It is a constant that is compared by what it is, not by what it answers. */
    @SuppressWarnings("ReferenceEquality")
    private boolean isAdmittedAlways() {
        return admission == Admission.OF_ANY;
    }

    /** Asks, ever less often, until this connection may be used or is over. */
    private void admit(long of, long delayMs) {
        if (isAdmittedAlways()) {
            admitted(of);
            firstLook.tryComplete();
            return;
        }
        look().onComplete(done -> onLoop(() -> {
            if (of == connections.get() && !closing) {
                refusal = done.cause();
                if (done.succeeded()) {
                    admitted(of);
                } else {
                    context.owner().setTimer(delayMs, due -> onLoop(() -> admitLater(of, delayMs)));
                }
            }
            firstLook.tryComplete();
        }));
    }

    private void admitted(long of) {
        admitted = of;
        firstAdmission.tryComplete();
        // Later in this turn: not before the connection passes commands.
        loop.execute(this::proveConnection);
    }

    /** One that was admitted and must not be used any more is looked at until it may be. */
    private void judgeAgain() {
        long of = connections.get();
        if (admitted == of && admission.isRefused()) {
            admitted = 0;
            admit(of, ADMISSION_DELAY_MAX_MS);
        }
    }

    private void admitLater(long of, long delayMs) {
        if (of != connections.get() || closing || !isOpen()) {
            return;
        }
        if (delayMs == ADMISSION_DELAY_MAX_MS && replica) {
            leave();
        } else {
            admit(of, Math.min(2 * delayMs, ADMISSION_DELAY_MAX_MS));
        }
    }

    /** An answer of Redis that it cannot do what it was asked. */
    private void onErrorReply(Throwable failure) {
        RedisTrouble trouble = RedisTrouble.of(failure).orElse(null);
        if (trouble == RedisTrouble.REPLICA || trouble == RedisTrouble.REPLICA_WITHOUT_MASTER) {
            leave();
        } else if (trouble == RedisTrouble.LOADING) {
            onOtherData.forEach(Runnable::run);
        }
    }

    /** Ends the connection when what was sent on it is answered; it is made anew by itself. */
    @SuppressWarnings("FutureReturnValueIgnored") // it is never cancelled, and disconnect does not throw
    private void leave() {
        if (leaving || !isOpen()) {
            return;
        }
        leaving = true;
        health.met(RedisTrouble.REPLICA);
        LOG.warn("Redis at {} is a replica now: it is connected to anew", this);
        onOtherData.forEach(Runnable::run);
        admission.left(this);
        pending.whenAllAreAnswered(this::disconnect);
        loop.schedule(this::disconnect, settings.commandTimeout().toMillis(), TimeUnit.MILLISECONDS);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // lettuce hears of its end
    private void disconnect() {
        Channel open = channel;
        if (leaving && open != null) {
            open.close();
        }
    }

    /**
     * Replies are read by this very loop, later: a command that has failed when it has just been handed over never reached
     * Redis whole. Of any failure later than that nobody knows.
     */
    private static @Nullable Throwable refusalBeforeSending(RedisFuture<?> reply) {
        return reply.toCompletableFuture().isCompletedExceptionally()
                ? reply.toCompletableFuture().exceptionNow()
                : null;
    }

    /** A request's own context where it is on our loop, because it carries the request's trace. */
    ContextInternal callerContext() {
        ContextInternal current = ContextInternal.current();
        return current != null && current.nettyEventLoop().equals(loop) ? current : context;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // its threads are Vert.x's, so there is nothing to wait for
    private void shutDownResources() {
        resourcesOfOthers.shutdown();
        resources.shutdown();
        names.close();
    }

    private void proveConnection() {
        if (health.trouble().isPresent() && connected()) {
            probe().onFailure(refused -> LOG.debug("{}", refused.getMessage()));
        }
    }

    /** A Redis that loads its data accepts connections and refuses the first command on them. */
    private void noteReconnectFailure(Event event) {
        if (event instanceof ReconnectFailedEvent failed) {
            RedisTrouble trouble = RedisTrouble.of(failed.getCause()).orElse(RedisTrouble.DISCONNECTED);
            onLoop(() -> health.met(trouble));
        }
    }

    private Unavailable cannotConnect(Throwable failure) {
        Throwable root = failure;
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            root = cause;
        }
        return new Unavailable(
                Reason.REDIS_UNAVAILABLE, "cannot connect to Redis at " + this + ": " + root.getMessage(), failure);
    }

    private static ClientOptions options(RedisSettings settings) {
        return ClientOptions.builder()
                .autoReconnect(true)
                // True means: leave it out. By default lettuce sends again what lost its reply, and it is done twice.
                .replayFilter(command -> true)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(settings.requestQueueSize())
                // PendingReplies does it: lettuce's time-out would need a timer for each command.
                .timeoutOptions(TimeoutOptions.builder().timeoutCommands(false).build())
                .maintNotificationsConfig(MaintNotificationsConfig.disabled())
                // Understood by every server and proxy, and nothing here needs more.
                .protocolVersion(ProtocolVersion.RESP2)
                .socketOptions(socketOptions(settings))
                .build();
    }

    /** A peer that vanished without a word is noticed within seconds. */
    private static SocketOptions socketOptions(RedisSettings settings) {
        SocketOptions.Builder options = SocketOptions.builder()
                .connectTimeout(settings.connectTimeout())
                .keepAlive(KeepAliveOptions.builder()
                        .enable()
                        .idle(Duration.ofSeconds(5))
                        .interval(Duration.ofSeconds(1))
                        .count(3)
                        .build());
        if (OneLoop.usesEpoll()) {
            options.tcpUserTimeout(TcpUserTimeoutOptions.builder()
                    .enable()
                    .tcpUserTimeout(Duration.ofSeconds(5))
                    .build());
        }
        return options.build();
    }

    /** Called on the loop, before any command can pass a new connection. */
    private final class StateListener implements RedisConnectionStateListener {

        @Override
        public void onRedisConnected(RedisChannelHandler<?, ?> handler, SocketAddress address) {
            long made = connections.incrementAndGet();
            connected = true;
            onNewConnection.forEach(Runnable::run);
            if (isAdmittedAlways()) {
                admitted(made);
            } else if (connection != null) {
                loop.execute(() -> admit(made, ADMISSION_DELAY_MIN_MS));
            }
        }

        @Override
        public void onRedisDisconnected(RedisChannelHandler<?, ?> handler) {
            connected = false;
            leaving = false;
            onLoop(health::lost);
        }
    }

    private final class Sockets implements NettyCustomizer {

        private final FlushOnceATurn flushing = new FlushOnceATurn();

        @Override
        public void afterChannelInitialized(Channel made) {
            flushing.afterChannelInitialized(made);
            channel = made;
        }
    }
}
