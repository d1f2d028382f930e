package dev.holdfast.admin;

import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.ApiKey;
import dev.holdfast.ledger.Author;
import dev.holdfast.ledger.KeyBook;
import dev.holdfast.ledger.KeyOutcome;
import dev.holdfast.ledger.NewKey;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;

/** People make and revoke keys. Every method fails with {@link dev.holdfast.reservation.Unavailable}. */
public final class KeyAdmin {

    private final KeyBook book;
    private final Set<String> environmentNames;
    private final InstantSource clock;

    /** The names are those of the keys in the settings. */
    public KeyAdmin(KeyBook book, Set<String> environmentNames, InstantSource clock) {
        this.book = book;
        this.environmentNames = Set.copyOf(environmentNames);
        this.clock = clock;
    }

    /** Makes a key, or a second one of its name. */
    public Future<KeyOutcome> create(Author author, NewKey wanted) {
        if (environmentNames.contains(wanted.name())) {
            return Future.succeededFuture(new KeyOutcome.NameInEnvironment());
        }
        if (wanted.expiresAtMs() != null && wanted.expiresAtMs() <= clock.millis()) {
            return Future.succeededFuture(new KeyOutcome.ExpiresInThePast());
        }
        return book.create(new AdminAction(author, AdminAction.Kind.KEY_CREATED, null), wanted);
    }

    /**
     * Revokes a key for good.
     *
     * @param ownKeyId the key that this was asked with; 0 where that is none of the book
     */
    public Future<KeyOutcome> revoke(Author author, long keyId, long ownKeyId, String reason) {
        return keyId == ownKeyId
                ? Future.succeededFuture(new KeyOutcome.OwnKey())
                : book.revoke(new AdminAction(author, AdminAction.Kind.KEY_REVOKED, reason), keyId);
    }

    /** At most {@code limit} keys that were made before this one, newest first, revoked and expired ones too. */
    public Future<List<ApiKey>> list(long beforeId, int limit) {
        return book.list(beforeId, limit);
    }

    /** Whether the settings have a key of this name: such a one is not ours to revoke. */
    public boolean isInEnvironment(String name) {
        return environmentNames.contains(name);
    }
}
