package dev.holdfast.ledger;

import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.pubsub.PgSubscriber;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears from PostgreSQL that a lane has stopped or goes on, as soon as that is committed; the directory of sales would follow within a
 * second. Nothing depends on it: where it cannot listen, as behind a pooler that shares connections, that second is what remains.
 */
public final class LaneListener {

    /** As in the migration that tells. */
    private static final String CHANNEL = "holdfast_lane";

    private static final Logger LOG = LoggerFactory.getLogger(LaneListener.class);

    private static final long CONNECT_TIMEOUT_MS = 2_000;
    private static final long RECONNECT_DELAY_MS = 1_000;

    /** A server that vanished without a word would never be missed otherwise: nothing is sent on this connection. */
    private static final long LOOK_MS = 10_000;

    private final Vertx vertx;
    private final PgSubscriber subscriber;
    private long timer = -1;

    private LaneListener(Vertx vertx, PgSubscriber subscriber) {
        this.vertx = vertx;
        this.subscriber = subscriber;
    }

    /** Tells of each sale whose lane has another state; not connected yet. Throws IllegalArgumentException where the URI is none. */
    public static LaneListener of(Vertx vertx, String uri, Consumer<SaleId> listener) {
        PgConnectOptions server = PgConnectOptions.fromUri(uri).addProperty("application_name", "holdfast listens");
        PgSubscriber subscriber = PgSubscriber.subscriber(vertx, server).reconnectPolicy(retries -> RECONNECT_DELAY_MS);
        subscriber.channel(CHANNEL).handler(saleId -> listener.accept(new SaleId(saleId)));
        return new LaneListener(vertx, subscriber);
    }

    /** Connects, now or later: succeeds in any case. */
    public Future<Void> start() {
        timer = vertx.setPeriodic(LOOK_MS, tick -> look());
        return subscriber
                .connect()
                .timeout(CONNECT_TIMEOUT_MS, TimeUnit.MILLISECONDS)
                .recover(failure -> {
                    LOG.warn(
                            "news of lanes come a second later: cannot listen to PostgreSQL: {}", failure.getMessage());
                    return Future.succeededFuture();
                });
    }

    /** Listens on a new connection: the old one may lead to a server that nobody writes to any more. */
    public void reconnect() {
        PgConnection connection = subscriber.actualConnection();
        if (connection != null) {
            // The subscriber connects again by itself.
            connection.close().onComplete(closed -> LOG.debug("listens to PostgreSQL anew"));
        }
    }

    /** Ends the connection. */
    public Future<Void> close() {
        vertx.cancelTimer(timer);
        return subscriber.close();
    }

    /** Closing it makes the subscriber connect again. */
    private void look() {
        PgConnection connection = subscriber.actualConnection();
        if (connection == null) {
            return;
        }
        connection
                .query("select 1")
                .execute()
                .timeout(CONNECT_TIMEOUT_MS, TimeUnit.MILLISECONDS)
                .onFailure(silence -> connection
                        .close()
                        .onComplete(closed -> LOG.info("listens to PostgreSQL anew: {}", silence.getMessage())));
    }
}
