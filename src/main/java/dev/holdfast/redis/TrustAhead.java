package dev.holdfast.redis;

import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LaneTrust;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.SaleDirectory;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import java.util.Iterator;

/**
 * Has every open lane compared with PostgreSQL before somebody asks for it, also those that another node looks after: a node can go on
 * selling without PostgreSQL only what it has compared since Redis started. Asking again for what is known costs nothing. To be used on
 * the event loop of its connection.
 */
public final class TrustAhead {

    private static final int EVERY_MS = 500;

    private final PinnedRedis redis;
    private final SaleDirectory directory;
    private final LaneTrust trust;
    private long timer = -1;
    private boolean working;

    /** The trust uses this connection. */
    public TrustAhead(PinnedRedis redis, SaleDirectory directory, LaneTrust trust) {
        this.redis = redis;
        this.directory = directory;
        this.trust = trust;
    }

    /** Looks for lanes that are not compared yet, until it is stopped. */
    public void start() {
        timer = redis.context().owner().setPeriodic(EVERY_MS, tick -> {
            if (!working && redis.connected()) {
                var unused = look();
            }
        });
    }

    /** What is under way ends by itself. */
    public void stop() {
        redis.context().owner().cancelTimer(timer);
    }

    /** One lane after the other, until Redis or PostgreSQL is away. Never fails: whoever needs a lane hears what is wrong with it. */
    Future<Void> look() {
        working = true;
        Iterator<Lane> lanes = directory.known().stream()
                .filter(listed -> listed.laneState() == ListedSale.LaneState.OPEN)
                .map(ListedSale::lane)
                .toList()
                .iterator();
        return AsyncLoop.whileTrue(() -> lanes.hasNext() ? isThere(lanes.next()) : Future.succeededFuture(false))
                .onComplete(done -> working = false);
    }

    /** A lane that lost its history keeps none of the others. */
    private Future<Boolean> isThere(Lane lane) {
        return trust.require(lane)
                .map(true)
                .recover(failure -> Future.succeededFuture(!(failure instanceof Unavailable)));
    }
}
