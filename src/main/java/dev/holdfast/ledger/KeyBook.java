package dev.holdfast.ledger;

import dev.holdfast.ledger.KeyOutcome.Created;
import dev.holdfast.ledger.KeyOutcome.NoSuchKey;
import dev.holdfast.ledger.KeyOutcome.OtherScope;
import dev.holdfast.ledger.KeyOutcome.Revoked;
import dev.holdfast.ledger.KeyOutcome.TwoValid;
import dev.holdfast.ledger.KnownKeys.Known;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys that admins made: written through to PostgreSQL, read from memory that follows it by a second. Safe for all threads. While
 * PostgreSQL is away, what is known stays known.
 */
public final class KeyBook {

    private static final Logger LOG = LoggerFactory.getLogger(KeyBook.class);

    private static final int REFRESH_MS = 1_000;

    private static final int WRITE_USES_MS = 60_000;

    /** Expired ones stay a day: which moment it is, the node decides, and its clock may be behind PostgreSQL's. */
    private static final String ALL = """
            select * from api_keys
            where revoked_at is null and (expires_at is null or expires_at > now() - interval '1 day')
            """;

    private static final String PAGE = """
            select * from api_keys where key_id < $1 order by key_id desc limit $2
            """;

    private final Postgres postgres;
    private final InstantSource clock;
    private final KeyUses uses;
    private final KnownKeys known;
    private volatile boolean refreshing;
    private volatile long refreshTimer = -1;
    private volatile long usesTimer = -1;

    /** Knows nothing until it is started. */
    public KeyBook(Postgres postgres, InstantSource clock) {
        this.postgres = postgres;
        this.clock = clock;
        this.uses = new KeyUses(postgres);
        this.known = new KnownKeys(clock, uses);
    }

    /** Loads all keys, then follows PostgreSQL every second. Fails where the first load does; follows all the same. */
    public Future<Void> start() {
        refreshTimer = postgres.vertx().setPeriodic(REFRESH_MS, tick -> follow());
        usesTimer = postgres.vertx().setPeriodic(WRITE_USES_MS, tick -> writeUsesInTurn());
        return refresh();
    }

    /** Follows no longer, and writes which keys were used since the last time. */
    public Future<Void> stop() {
        postgres.vertx().cancelTimer(refreshTimer);
        postgres.vertx().cancelTimer(usesTimer);
        return writeUses().otherwiseEmpty();
    }

    /** Whose key it is that has this digest, without asking PostgreSQL. */
    public Optional<KeyHolder> find(KeyDigest digest) {
        return known.find(digest);
    }

    /** Makes a key, unless its name has two valid ones already, or one of another scope; and notes it in the audit trail. */
    public Future<KeyOutcome> create(AdminAction action, NewKey wanted) {
        KeySecret secret = KeySecret.random();
        KeyDigest digest = secret.digest();
        return postgres.inTransaction(
                        "create a key of " + wanted.name(),
                        connection -> KeyRows.lockName(connection, wanted.name())
                                .compose(locked -> KeyRows.valid(connection, wanted.name(), clock.millis()))
                                .compose(valid -> refused(wanted, valid)
                                        .map(Future::succeededFuture)
                                        .orElseGet(
                                                () -> KeyRows.insert(connection, action, wanted, digest, clock.millis())
                                                        .map(key -> new Created(key, secret)))))
                .onSuccess(outcome -> {
                    if (outcome instanceof Created created) {
                        known.add(new Known(digest, created.key()));
                    }
                });
    }

    private static Optional<KeyOutcome> refused(NewKey wanted, List<ApiKey> valid) {
        if (!valid.isEmpty() && valid.getFirst().scope() != wanted.scope()) {
            return Optional.of(new OtherScope(valid.getFirst().scope()));
        }
        return valid.size() < 2
                ? Optional.empty()
                : Optional.of(
                        new TwoValid(valid.getFirst().id(), valid.getLast().id()));
    }

    /** Revokes a key for good, and notes it in the audit trail, unless it is revoked already. */
    public Future<KeyOutcome> revoke(AdminAction action, long keyId) {
        return postgres.inTransaction(
                        "revoke key " + keyId,
                        connection -> KeyRows.lock(connection, keyId).compose(found -> {
                            if (found.isEmpty()) {
                                return Future.<KeyOutcome>succeededFuture(new NoSuchKey());
                            }
                            ApiKey key = found.get();
                            return key.revokedAtMs() != null
                                    ? Future.<KeyOutcome>succeededFuture(new Revoked(key))
                                    : KeyRows.revoke(connection, action, key, clock.millis())
                                            .map(Revoked::new);
                        }))
                .onSuccess(outcome -> {
                    if (outcome instanceof Revoked) {
                        known.remove(keyId);
                    }
                });
    }

    /** At most {@code limit} keys that were made before this one, newest first, revoked and expired ones too. */
    public Future<List<ApiKey>> list(long beforeId, int limit) {
        return postgres.query("list keys", PAGE, Tuple.of(beforeId, limit)).map(KeyRows::keys);
    }

    /** Loads all keys now. */
    Future<Void> refresh() {
        long ticket = known.ticket();
        return postgres.query("refresh keys", ALL, Tuple.tuple()).map(rows -> {
            known.replace(ticket, KeyRows.known(rows));
            return null;
        });
    }

    /** Writes now when each key was last used. */
    Future<Void> writeUses() {
        return uses.write();
    }

    private void writeUsesInTurn() {
        writeUses().onFailure(failure -> LOG.debug("uses of keys not written: {}", failure.toString()));
    }

    private void follow() {
        if (refreshing) {
            return;
        }
        refreshing = true;
        refresh().onComplete(done -> {
            refreshing = false;
            if (done.failed()) {
                LOG.debug("keys not refreshed: {}", done.cause().toString());
            }
        });
    }
}
