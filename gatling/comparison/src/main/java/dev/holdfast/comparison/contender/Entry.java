package dev.holdfast.comparison.contender;

import dev.holdfast.comparison.design.Peer;
import dev.holdfast.comparison.server.PostgresServer;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who takes part, in the order of a round. Holdfast is first, because the ceiling is then asked for half of its rate. */
public enum Entry {
    HOLDFAST("Holdfast", null),
    /** The same with another jar or other flags, for who compares two of them. */
    HOLDFAST_B("Holdfast B", null),
    BARE(Peer.BARE),
    SUM_UNDER_ROW_LOCK(Peer.SUM_UNDER_ROW_LOCK),
    OPTIMISTIC_UNDER_SET_NX(Peer.OPTIMISTIC_UNDER_SET_NX),
    CONDITIONAL_UPDATE(Peer.CONDITIONAL_UPDATE),
    READ_MODIFY_WRITE_UNDER_RLOCK(Peer.READ_MODIFY_WRITE_UNDER_RLOCK);

    private final String title;
    private final Optional<Peer> peer;

    Entry(Peer peer) {
        this(peer.title(), peer);
    }

    Entry(String title, @Nullable Peer peer) {
        this.title = title;
        this.peer = Optional.ofNullable(peer);
    }

    /** Its name in tables. */
    public String title() {
        return title;
    }

    /** Whether it is the service, and no peer. */
    public boolean isHoldfast() {
        return peer.isEmpty();
    }

    /** Whether it is one of the designs that Holdfast is compared with. */
    public boolean isPeer() {
        return sells() && !isHoldfast();
    }

    /** Whether it decides anything. */
    public boolean sells() {
        return this != BARE;
    }

    /** Starts it on servers of its own. */
    public Contender start(Jvm jvm, Path holdfastJar, PostgresServer postgres) {
        return peer.<Contender>map(
                        found -> found == Peer.BARE ? new BarePeer(jvm) : new PeerProcess(found, jvm, postgres))
                .orElseGet(() -> new HoldfastProcess(holdfastJar, jvm, postgres));
    }
}
