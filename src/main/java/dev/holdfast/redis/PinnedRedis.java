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
import io.netty.channel.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.PromiseInternal;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
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

    /** Longer than any pause between two probes. */
    private static final Duration PROBE_LIFETIME = Duration.ofMinutes(1);

    /** Twice what a command has: a burst that takes Redis some hundred ms is not silence. */
    private static final Duration LONG_SILENCE = Duration.ofSeconds(1);

    private final ContextInternal context;
    private final EventLoop loop;
    private final RedisSettings settings;
    private final RedisURI uri;
    private final ClientResources resources;
    private final RedisClient client;
    private final ConnectionHealth health = new ConnectionHealth();
    private final PendingReplies pending;
    private final Pulse pulse;

    private volatile String probeKey = "hf:probe:nobody";
    private volatile @Nullable StatefulRedisConnection<String, String> connection;
    private volatile boolean connected;
    private final AtomicLong generation = new AtomicLong();

    private PinnedRedis(ContextInternal context, RedisSettings settings) {
        this.context = context;
        this.settings = settings;
        loop = context.nettyEventLoop();
        pending = new PendingReplies(loop, settings.commandTimeout(), health);
        pulse = new Pulse(loop);
        uri = RedisURI.create(settings.uri());
        uri.setTimeout(settings.connectTimeout());
        resources = ClientResources.builder()
                .eventLoopGroupProvider(new OneLoop(loop))
                .eventExecutorGroup(loop)
                .timer(new LoopTimer(loop))
                .commandLatencyRecorder(CommandLatencyRecorder.disabled())
                .nettyCustomizer(new FlushOnceATurn())
                .reconnectDelay(Delay.exponential(RECONNECT_DELAY_MIN, RECONNECT_DELAY_MAX, 2, TimeUnit.MILLISECONDS))
                .build();
        client = RedisClient.create(resources, uri);
        client.setOptions(options(settings));
        client.addListener(new StateListener());
        resources.eventBus().get().subscribe(this::noteReconnectFailure);
    }

    /**
     * Not yet connected. Throws IllegalArgumentException for a context without an event loop or a bad URI, and
     * IllegalStateException where Vert.x runs on another transport than lettuce.
     */
    public static PinnedRedis on(Context context, RedisSettings settings) {
        if (!context.isEventLoopContext()) {
            throw new IllegalArgumentException("not an event loop context");
        }
        return new PinnedRedis((ContextInternal) context, settings);
    }

    /** Connects, once. Fails with {@link Unavailable}, which names the host. */
    public Future<Void> connect() {
        return Future.fromCompletionStage(client.connectAsync(StringCodec.UTF8, uri), context)
                .onSuccess(made -> {
                    connection = made;
                    onLoop(pulse::start);
                })
                .recover(failure -> Future.failedFuture(cannotConnect(failure)))
                .mapEmpty();
    }

    /** Whether commands can be sent now. */
    public boolean connected() {
        StatefulRedisConnection<String, String> made = connection;
        return connected && made != null && made.isOpen();
    }

    /**
     * Counts the connections made, and how often this node was found to have stood still: what was known of Redis before it changed may
     * not hold any more. Standstills are found on the event loop only.
     */
    public long generation() {
        if (loop.inEventLoop() && pulse.stoodStill()) {
            LOG.info("this node stood still: it asks Redis at {} anew for what it knew", this);
            return generation.incrementAndGet();
        }
        return generation.get();
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
        return health.trouble().or(() -> connected() ? Optional.empty() : Optional.of(RedisTrouble.DISCONNECTED));
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
        onLoop(pulse::stop);
        return Future.fromCompletionStage(client.shutdownAsync(), context)
                .onComplete(done -> shutDownResources())
                .mapEmpty();
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
        onLoop(() -> dispatch(what, effect, command, promise));
        return promise.future();
    }

    /** A client of its own on the same loop, for a connection that is used for something else than commands. Not yet connected. */
    RedisClient otherClient() {
        RedisClient other = RedisClient.create(resources, uri);
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
        if (made == null || !connected()) {
            promise.fail(RedisFailures.notSent(what, trouble().orElse(RedisTrouble.DISCONNECTED), toString()));
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
        resources.shutdown();
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
            generation.incrementAndGet();
            connected = true;
            // Later in this turn: not before the connection passes commands.
            loop.execute(PinnedRedis.this::proveConnection);
        }

        @Override
        public void onRedisDisconnected(RedisChannelHandler<?, ?> handler) {
            connected = false;
            onLoop(health::lost);
        }
    }
}
