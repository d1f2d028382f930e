package dev.holdfast.redis;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this node can write to Redis, and why not. Twice a second a small key of the node's own is written: over its first
 * connection always, over every other one while that is in trouble. What real calls meet counts at once, see
 * {@link ConnectionHealth}. A change is logged once, not with every call that fails. Safe for all threads.
 */
public final class RedisHealth {

    private static final Logger LOG = LoggerFactory.getLogger(RedisHealth.class);

    private static final long INTERVAL_MS = 500;

    /** A node that was held up knows nothing about Redis until it has asked again. */
    private static final Duration LONGEST_WITHOUT_PROOF = Duration.ofSeconds(3);

    private final Vertx vertx;
    private final String probeKey;
    private final List<PinnedRedis> connections = new CopyOnWriteArrayList<>();
    private final AtomicReference<Set<RedisTrouble>> logged = new AtomicReference<>(Set.of());
    private volatile long timer = -1;

    /** Looks at nothing yet; the id names this node's key among those of all nodes. */
    public RedisHealth(Vertx vertx, String nodeId) {
        this.vertx = vertx;
        this.probeKey = "hf:probe:" + nodeId;
    }

    /** Looks after this connection, too; to be called before it is made. The first one is the one that is always written to. */
    public void watch(PinnedRedis connection) {
        connection.probeWith(probeKey);
        connections.add(connection);
    }

    /** Goes on by itself; succeeds when the first probe came to something, whatever that was. */
    public Future<Void> start() {
        timer = vertx.setPeriodic(INTERVAL_MS, INTERVAL_MS, tick -> look());
        return connections.getFirst().probe().otherwiseEmpty();
    }

    /** Looks no longer. */
    public void stop() {
        vertx.cancelTimer(timer);
    }

    /** What keeps this node from writing, without repetitions; empty where it can write. */
    public Set<RedisTrouble> troubles() {
        EnumSet<RedisTrouble> troubles = EnumSet.noneOf(RedisTrouble.class);
        connections.forEach(connection -> connection.trouble().ifPresent(troubles::add));
        if (troubles.isEmpty() && hasNoProof()) {
            troubles.add(RedisTrouble.UNPROVEN);
        }
        return troubles;
    }

    private boolean hasNoProof() {
        return connections.isEmpty() || connections.getFirst().sinceWrittenNanos() > LONGEST_WITHOUT_PROOF.toNanos();
    }

    private void look() {
        for (PinnedRedis connection : connections) {
            boolean always = connection.equals(connections.getFirst());
            connection.onLoop(() -> look(connection, always));
        }
        log(troubles());
    }

    private void look(PinnedRedis connection, boolean always) {
        boolean answers = connection.lookForSilence();
        if (answers && connection.connected() && (always || connection.trouble().isPresent())) {
            connection.probe().onFailure(refused -> LOG.debug("{}", refused.getMessage()));
        }
    }

    private void log(Set<RedisTrouble> now) {
        Set<RedisTrouble> before = logged.getAndSet(now);
        if (now.equals(before)) {
            return;
        }
        if (now.isEmpty()) {
            LOG.info("Redis at {} takes writes again", connections.getFirst());
        } else {
            LOG.warn("this node is not ready: {} {}", connections.getFirst(), now);
        }
    }
}
