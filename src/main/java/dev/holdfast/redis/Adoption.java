package dev.holdfast.redis;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Unavailable;
import dev.holdfast.reservation.Unavailable.Reason;
import io.vertx.core.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes a Redis a deployment's by hand, whatever it says that it is. To be used on the event loop of its connection, which must be one
 * that takes any Redis.
 */
public final class Adoption {

    private final PinnedRedis redis;

    /** The connection must be made. */
    public Adoption(PinnedRedis redis) {
        this.redis = redis;
    }

    /**
     * What there is.
     *
     * @param place host, port and database
     * @param deploymentId that it has; null for none
     * @param keys of any kind, in this database
     * @param lanes how many of those that were looked for are there
     */
    public record Found(String place, @Nullable String deploymentId, long keys, long lanes) {}

    /** Looks, and changes nothing. Fails with {@link Unavailable} where it does not answer or is a replica. */
    public Future<Found> look(List<Lane> wanted) {
        Future<Identity> identity = redis.look();
        Future<Long> keys = redis.ask("counting keys", Effect.READS, commands -> commands.dbsize());
        Future<Long> lanes = Deployment.countOf(redis, wanted);
        return Future.all(identity, keys, lanes)
                .map(all -> new Found(redis.place(), identity.result().deploymentId(), keys.result(), lanes.result()));
    }

    /** From now on this Redis is the deployment's with this id. Fails with {@link Unavailable}. */
    public Future<Void> take(String id) {
        return redis.ask(
                        "writing the deployment's id",
                        Effect.CHANGES,
                        commands -> commands.set(PinnedRedis.DEPLOYMENT_KEY, id))
                .compose(written -> written.equals("OK")
                        ? Future.succeededFuture()
                        : Future.failedFuture(new Unavailable(
                                Reason.REDIS_UNAVAILABLE, "Redis did not take the deployment's id: " + written, null)));
    }
}
