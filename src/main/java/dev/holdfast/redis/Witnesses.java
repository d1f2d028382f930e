package dev.holdfast.redis;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Suspects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * How far each lane's history went by what this node told its callers: what somebody was told of must never be gone. One for a
 * node, used from all its event loops, because a loop that was told little must not trust what another knows to be too old.
 */
public final class Witnesses {

    private final ConcurrentMap<Place, Told> lastTold = new ConcurrentHashMap<>();
    private final ConcurrentMap<Place, Vouched> vouched = new ConcurrentHashMap<>();

    private final Suspects suspects = new Suspects();
    private final LaneNews news = new LaneNews();
    private final RedisClock clock;

    /** Nobody was told of anything yet. */
    public Witnesses() {
        this(new RedisClock());
    }

    Witnesses(RedisClock clock) {
        this.clock = clock;
    }

    /** What this node knows of Redis's clock. */
    public RedisClock clock() {
        return clock;
    }

    /** What callers of this node met and could not make sense of. */
    public Suspects suspects() {
        return suspects;
    }

    /** What this node does to lanes, as it does it. */
    public LaneNews news() {
        return news;
    }

    /** These sales are over for good. */
    public void forget(Set<SaleId> saleIds) {
        lastTold.keySet().removeIf(place -> saleIds.contains(place.saleId));
        vouched.keySet().removeIf(place -> saleIds.contains(place.saleId));
    }

    /** Somebody is told of this entry. What was told of an older epoch is forgotten: that history is no longer sold on. */
    void tell(Lane lane, long seq) {
        lastTold.merge(Place.of(lane), new Told(lane.epoch(), seq), Told::later);
    }

    /** The last entry of the lane's epoch that anyone was told of; 0 for none. */
    long lastTold(Lane lane) {
        Told told = lastTold.get(Place.of(lane));
        return told != null && told.epoch == lane.epoch() ? told.seq : 0;
    }

    /** PostgreSQL was asked: this run of the Redis process has all of the lane that is recorded. */
    void vouch(Lane lane, String runId) {
        vouched.put(Place.of(lane), new Vouched(lane.epoch(), runId));
    }

    /** Whether PostgreSQL was asked about this run already: a process that did not end has forgotten nothing. */
    boolean isVouched(Lane lane, String runId) {
        return new Vouched(lane.epoch(), runId).equals(vouched.get(Place.of(lane)));
    }

    /** Redis does not have the lane after all. */
    void withdraw(Lane lane) {
        vouched.remove(Place.of(lane));
    }

    /** A lane in all its lives: there is one entry for each, however often its epoch changes. */
    private record Place(SaleId saleId, int number) {

        static Place of(Lane lane) {
            return new Place(lane.saleId(), lane.number());
        }
    }

    private record Vouched(long epoch, String runId) {}

    private record Told(long epoch, long seq) {

        Told later(Told other) {
            boolean isLater = epoch == other.epoch ? seq >= other.seq : epoch > other.epoch;
            return isLater ? this : other;
        }
    }
}
