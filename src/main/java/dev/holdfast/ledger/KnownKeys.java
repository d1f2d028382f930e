package dev.holdfast.ledger;

import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The keys that work, as this node knows them, for the path of every request. Safe for all threads. */
final class KnownKeys {

    /** A key with what a request is compared with. */
    record Known(KeyDigest digest, ApiKey key) {}

    private final InstantSource clock;
    private final KeyUses uses;
    private volatile Map<KeyDigest, Entry> byDigest = Map.of();
    private long lastTicket;
    private long shownTicket;

    KnownKeys(InstantSource clock, KeyUses uses) {
        this.clock = clock;
        this.uses = uses;
    }

    /**
     * Whose key it is; empty for one that is unknown, revoked, or past its expiry to the millisecond. What a lookup by digest tells by
     * the time it takes is of no use: nobody can make a text for a digest.
     */
    Optional<KeyHolder> find(KeyDigest digest) {
        Entry entry = byDigest.get(digest);
        if (entry == null) {
            return Optional.empty();
        }
        long nowMs = clock.millis();
        if (nowMs >= entry.expiresAtMs) {
            return Optional.empty();
        }
        entry.use.note(nowMs);
        return entry.holder;
    }

    /** To be taken before PostgreSQL is asked: answers may overtake each other, and changes of this node. */
    synchronized long ticket() {
        return ++lastTicket;
    }

    /** These are all, as they were after this ticket was taken; nothing, where something newer is known. */
    synchronized void replace(long ticket, List<Known> all) {
        if (ticket < shownTicket) {
            return;
        }
        shownTicket = ticket;
        Map<KeyDigest, Entry> next = HashMap.newHashMap(all.size());
        all.forEach(known -> next.put(known.digest(), entry(known)));
        byDigest = next;
    }

    /** PostgreSQL has one more. */
    synchronized void add(Known known) {
        shownTicket = ++lastTicket;
        Map<KeyDigest, Entry> next = new HashMap<>(byDigest);
        next.put(known.digest(), entry(known));
        byDigest = next;
    }

    /** PostgreSQL has it revoked. */
    synchronized void remove(long keyId) {
        shownTicket = ++lastTicket;
        Map<KeyDigest, Entry> next = new HashMap<>(byDigest);
        next.values().removeIf(entry -> entry.use.keyId() == keyId);
        byDigest = next;
    }

    /** What is known of it already is kept: it remembers when it was used. */
    private Entry entry(Known known) {
        Entry before = byDigest.get(known.digest());
        return before == null ? new Entry(known.key(), uses) : before;
    }

    /** Made once, so that no request has to. */
    private static final class Entry {

        private final Optional<KeyHolder> holder;
        private final long expiresAtMs;
        private final KeyUses.Use use;

        Entry(ApiKey key, KeyUses uses) {
            holder = Optional.of(new KeyHolder(key.scope(), key.name(), key.id()));
            expiresAtMs = key.expiresAtMs() == null ? Long.MAX_VALUE : key.expiresAtMs();
            use = uses.of(key.id());
        }
    }
}
