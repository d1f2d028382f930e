package dev.holdfast.redis;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.SaleId;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * How far each lane's history went by what this node told its callers: what somebody was told of must never be gone. One for a
 * node, used from all its event loops, because a loop that was told little must not trust what another knows to be too old.
 */
public final class Witnesses {

    private final ConcurrentMap<Place, Told> lastTold = new ConcurrentHashMap<>();

    /** Nobody was told of anything yet. */
    public Witnesses() {}

    /** Somebody is told of this entry. What was told of an older epoch is forgotten: that history is no longer sold on. */
    void tell(Lane lane, long seq) {
        lastTold.merge(Place.of(lane), new Told(lane.epoch(), seq), Told::later);
    }

    /** The last entry of the lane's epoch that anyone was told of; 0 for none. */
    long lastTold(Lane lane) {
        Told told = lastTold.get(Place.of(lane));
        return told != null && told.epoch == lane.epoch() ? told.seq : 0;
    }

    /** A lane in all its lives: there is one entry for each, however often its epoch changes. */
    private record Place(SaleId saleId, int number) {

        static Place of(Lane lane) {
            return new Place(lane.saleId(), lane.number());
        }
    }

    private record Told(long epoch, long seq) {

        Told later(Told other) {
            boolean isLater = epoch == other.epoch ? seq >= other.seq : epoch > other.epoch;
            return isLater ? this : other;
        }
    }
}
