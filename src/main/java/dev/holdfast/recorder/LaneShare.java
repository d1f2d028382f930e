package dev.holdfast.recorder;

import dev.holdfast.ledger.LaneLeases;
import dev.holdfast.reservation.Lane;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which lanes are this node's to look after, as PostgreSQL last told: an equal share among the nodes that live. While PostgreSQL is away
 * nobody can take a lane over, so they stay ours; if another node was faster once it is back, the next renewal or the first commit finds
 * out. To be used on one context; {@link #holds} and {@link #isKnown} anywhere.
 */
final class LaneShare {

    private static final Logger LOG = LoggerFactory.getLogger(LaneShare.class);

    /** Renewals between two looks at all lanes that are ours. */
    private static final int RELOAD_EVERY = 20;

    private final LaneLeases leases;
    private final String node;
    private final LongSupplier nanoTime;
    private final Set<Lane> ours = ConcurrentHashMap.newKeySet();
    private volatile long renewedAt;
    private volatile boolean renewed;
    private boolean uncertain = true;
    private int renewals;

    LaneShare(LaneLeases leases, String node, LongSupplier nanoTime) {
        this.leases = leases;
        this.node = node;
        this.nanoTime = nanoTime;
    }

    String node() {
        return node;
    }

    /** Whether the lane is ours. */
    boolean holds(Lane lane) {
        return ours.contains(lane);
    }

    /** Whether PostgreSQL confirmed lately which lanes are ours; while it does not, nobody else can take over what a dead node had. */
    boolean isKnown() {
        return renewed && nanoTime.getAsLong() - renewedAt < LaneLeases.LEASE.toNanos();
    }

    /**
     * Renews the lease, then takes lanes that no living node has, or gives away what is more than our share. Fails as PostgreSQL does.
     *
     * @param open how many lanes sell, as far as this node knows
     * @param busy lanes that are being recorded: others are given away first
     * @return the lanes that were taken, with their cursors
     */
    Future<Map<Lane, Long>> renew(int open, Predicate<Lane> busy) {
        long askedAt = nanoTime.getAsLong();
        return leases.renew(node)
                .compose(nodes -> lapsed(askedAt) ? reload().map(nodes) : Future.succeededFuture(nodes))
                .compose(nodes -> {
                    renewedAt = askedAt;
                    renewed = true;
                    return share(open / nodes + 1, busy);
                })
                .onFailure(failure -> uncertain = true);
    }

    /** Another node has it, or nobody; the next renewal asks again. */
    void lost(Lane lane) {
        ours.remove(lane);
        uncertain = true;
    }

    /** A commit went through, so the lane is ours, whatever we thought. */
    void recorded(Lane lane) {
        uncertain |= !ours.contains(lane);
    }

    /** Leaves all lanes to other nodes, at once. */
    Future<Void> giveBack() {
        ours.clear();
        return leases.giveBack(node);
    }

    /** Since the last renewal others may have taken what was ours; and now and then we look, whatever we think. */
    private boolean lapsed(long askedAt) {
        return uncertain || renewals++ % RELOAD_EVERY == 0 || askedAt - renewedAt >= LaneLeases.LEASE.toNanos();
    }

    private Future<Void> reload() {
        uncertain = false;
        return leases.held(node)
                .onSuccess(held -> {
                    ours.retainAll(held);
                    ours.addAll(held);
                })
                .mapEmpty();
    }

    private Future<Map<Lane, Long>> share(int most, Predicate<Lane> busy) {
        if (ours.size() < most) {
            return leases.take(node, most - ours.size()).onSuccess(this::took);
        }
        return ours.size() == most
                ? Future.succeededFuture(Map.of())
                : leases.giveAway(node, surplus(ours.size() - most, busy)).map(Map.of());
    }

    private void took(Map<Lane, Long> taken) {
        ours.addAll(taken.keySet());
        if (!taken.isEmpty()) {
            LOG.debug("took {} lanes, now {}", taken.size(), ours.size());
        }
    }

    /** Ours no longer from now on: a commit under way that comes through all the same takes its lane back. */
    private Collection<Lane> surplus(int count, Predicate<Lane> busy) {
        List<Lane> idleFirst = new ArrayList<>();
        List<Lane> last = new ArrayList<>();
        ours.forEach(lane -> (busy.test(lane) ? last : idleFirst).add(lane));
        idleFirst.addAll(last);
        List<Lane> given = idleFirst.subList(0, count);
        given.forEach(ours::remove);
        LOG.info("{} lanes are given to other nodes, {} are left", given.size(), ours.size());
        return given;
    }
}
