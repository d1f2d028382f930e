package dev.holdfast.redis;

import dev.holdfast.reservation.DeploymentBook;
import dev.holdfast.reservation.DeploymentBook.Known;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Unavailable;
import dev.holdfast.reservation.Unavailable.Reason;
import io.lettuce.core.SetArgs;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a node away from a Redis that is not its deployment's. One random id, written once, stands in PostgreSQL and in Redis; a Redis with
 * another id, or with none while PostgreSQL knows lanes that should be there, is a wrong address far more often than a lost history, so that
 * nothing in it is read as a loss and nothing in it is changed. One for a node; safe for all threads.
 */
public final class Deployment implements Admission {

    private static final Logger LOG = LoggerFactory.getLogger(Deployment.class);

    /** Longer than PostgreSQL needs on a bad day. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** What an operator does about it. */
    private static final String REMEDY = " This node serves nothing and changes nothing. Look at HOLDFAST_REDIS_URI and"
            + " HOLDFAST_POSTGRES_URI; if they are right, the command `adopt` makes this Redis the deployment's.";

    private final DeploymentBook book;
    private final Duration patience;
    private volatile @Nullable String id;

    /** Why this node must not serve, by who found it. */
    private final ConcurrentMap<Object, String> refusals = new ConcurrentHashMap<>();

    /** In which reign each connection saw the id last. */
    private final ConcurrentMap<PinnedRedis, Reign> homes = new ConcurrentHashMap<>();

    /** Asks PostgreSQL when it is first needed. */
    public Deployment(DeploymentBook book) {
        this(book, PATIENCE);
    }

    /** The same with another time in which PostgreSQL has to answer. */
    public Deployment(DeploymentBook book, Duration patience) {
        this.book = book;
        this.patience = patience;
    }

    /** Why this node serves nothing, in one line; empty where it may serve. */
    public Optional<String> refusal() {
        return refusals.values().stream().findFirst();
    }

    /** The others look at once, so that none of them is found out by a caller. */
    @Override
    public void left(PinnedRedis redis) {
        for (PinnedRedis other : homes.keySet()) {
            if (other != redis && other.connected()) {
                other.look().onFailure(failure -> LOG.debug("{}", failure.getMessage()));
            }
        }
    }

    @Override
    public boolean isRefused() {
        return !refusals.isEmpty();
    }

    /** From now on this node serves nothing, until {@link #withdraw}; says so once, however many find the same. */
    public synchronized void refuse(Object source, String why) {
        boolean isKnown = refusals.containsValue(why);
        refusals.put(source, why);
        if (!isKnown) {
            LOG.error("{}", why);
        }
    }

    /** What this source found speaks against serving no longer. */
    public void withdraw(Object source) {
        if (refusals.remove(source) != null && refusals.isEmpty()) {
            LOG.info("This node serves again: what spoke against it is over");
        }
    }

    /** The deployment's id as this node knows it; empty before PostgreSQL told it. */
    public Optional<String> id() {
        return Optional.ofNullable(id);
    }

    /**
     * Admits a Redis with the deployment's id, and PostgreSQL is not asked for that. A Redis that had it in this very reign, and has it no
     * more, was emptied: it is admitted, so that its lanes are found lost.
     */
    @Override
    public Future<Void> judge(PinnedRedis redis, Identity found) {
        String ours = id;
        if (ours != null && ours.equals(found.deploymentId())) {
            return admitted(redis, found);
        }
        if (ours != null && found.deploymentId() == null && homes.containsValue(found.reign())) {
            LOG.warn(
                    "Redis at {} does not have its deployment id any more: it was emptied, or the id was deleted. It is"
                            + " written again, and all lanes are compared with PostgreSQL",
                    redis.place());
            redis.dataChanged();
            return write(redis, found, ours);
        }
        return book.find()
                .timeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                .recover(
                        failure -> Future.failedFuture(failure instanceof TimeoutException ? silent(failure) : failure))
                .compose(known -> judge(redis, found, known));
    }

    private Future<Void> judge(PinnedRedis redis, Identity found, Known known) {
        String ours = known.id().orElse(null);
        id = ours;
        if (found.deploymentId() != null) {
            return found.deploymentId().equals(ours)
                    ? admitted(redis, found)
                    : refused(
                            redis,
                            "Redis at " + redis.place() + " belongs to another deployment, " + found.deploymentId()
                                    + ".");
        }
        if (known.lanes().isEmpty()) {
            return begin(redis, found, ours);
        }
        return ours == null
                ? countOf(redis, known.lanes())
                        .compose(there -> there > 0 ? begin(redis, found, null) : refused(redis, without(redis)))
                : refused(redis, without(redis));
    }

    private static String without(PinnedRedis redis) {
        return "Redis at " + redis.place()
                + " says of no deployment that it belongs to it, and PostgreSQL knows sales that" + " should be there.";
    }

    /** Both are new, or come from a version that had no id; of nodes that do this at once one is the first. */
    private Future<Void> begin(PinnedRedis redis, Identity found, @Nullable String ours) {
        Future<String> begun = ours == null ? book.begin(UUID.randomUUID().toString()) : Future.succeededFuture(ours);
        return begun.compose(now -> {
            id = now;
            return write(redis, found, now);
        });
    }

    private Future<Void> write(PinnedRedis redis, Identity found, String ours) {
        return redis.ask(
                        "writing the deployment's id",
                        Effect.CHANGES,
                        commands -> commands.set(PinnedRedis.DEPLOYMENT_KEY, ours, SetArgs.Builder.nx()))
                .compose(written -> redis.ask(
                        "asking Redis for its deployment",
                        Effect.READS,
                        commands -> commands.get(PinnedRedis.DEPLOYMENT_KEY)))
                .compose(now -> ours.equals(now)
                        ? admitted(redis, found)
                        : refused(redis, "Redis at " + redis.place() + " belongs to another deployment, " + now + "."));
    }

    /**
     * How many of the lanes are there, in this life of theirs. A deployment that is older than its id is known by them: epochs are not
     * given out twice.
     */
    static Future<Long> countOf(PinnedRedis redis, List<Lane> lanes) {
        List<Future<Boolean>> asked =
                lanes.stream().map(lane -> has(redis, lane)).toList();
        return Future.all(asked)
                .map(all -> asked.stream().filter(Future::result).count());
    }

    private static Future<Boolean> has(PinnedRedis redis, Lane lane) {
        return redis.ask(
                        "looking for lane " + lane,
                        Effect.READS,
                        commands -> commands.hget(LaneKeys.of(lane).sale(), "epoch"))
                .map(epoch -> Long.toString(lane.epoch()).equals(epoch));
    }

    private Future<Void> admitted(PinnedRedis redis, Identity found) {
        homes.put(redis, found.reign());
        withdraw(redis);
        return Future.succeededFuture();
    }

    private Future<Void> refused(PinnedRedis redis, String why) {
        refuse(redis, why + REMEDY);
        return Future.failedFuture(new Unavailable(Reason.REDIS_UNAVAILABLE, why + REMEDY, null));
    }

    private Unavailable silent(Throwable failure) {
        return new Unavailable(
                Reason.POSTGRES_UNAVAILABLE,
                "asking PostgreSQL for its deployment: no answer in " + patience.toMillis() + " ms",
                failure);
    }
}
