package dev.holdfast.recorder;

import dev.holdfast.ledger.LaneLeases;
import dev.holdfast.reservation.Lane;
import io.vertx.core.Future;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Which lanes are this node's to record, as PostgreSQL last told. While PostgreSQL is away nobody can take a lane over, so it
 * stays ours; if another node was faster once it is back, the first commit finds out.
 */
final class RecorderLease {

    private final LaneLeases leases;
    private final String recorder;
    private final LongSupplier nanoTime;
    private final ConcurrentMap<Lane, Long> grantedAt = new ConcurrentHashMap<>();

    RecorderLease(LaneLeases leases, String recorder, LongSupplier nanoTime) {
        this.leases = leases;
        this.recorder = recorder;
        this.nanoTime = nanoTime;
    }

    String recorder() {
        return recorder;
    }

    /** Takes and renews, of these lanes, all that no other node has. */
    Future<Void> renew(Collection<Lane> lanes) {
        grantedAt.keySet().retainAll(lanes);
        if (lanes.isEmpty()) {
            return Future.succeededFuture();
        }
        long askedAt = now();
        return leases.take(recorder, lanes).map(cursors -> granted(cursors.keySet(), askedAt));
    }

    /** Whether the lane is ours. */
    boolean holds(Lane lane) {
        return grantedAt.containsKey(lane);
    }

    /** A commit that was sent at this time has renewed the lease on its way. */
    void renewed(Lane lane, long sentAt) {
        grantedAt.merge(lane, sentAt, Math::max);
    }

    /** Another node has it. */
    void lost(Lane lane) {
        grantedAt.remove(lane);
    }

    /** For {@link #renewed}. */
    long now() {
        return nanoTime.getAsLong();
    }

    /** Leaves all lanes to other nodes, at once. */
    Future<Void> giveBack() {
        grantedAt.clear();
        return leases.giveBack(recorder);
    }

    /** A lane that was not granted may be one that we are recording just now: then its lease has not run out. */
    private @Nullable Void granted(Set<Lane> lanes, long askedAt) {
        grantedAt.values().removeIf(at -> askedAt - at >= LaneLeases.LEASE.toNanos());
        lanes.forEach(lane -> grantedAt.put(lane, askedAt));
        return null;
    }
}
