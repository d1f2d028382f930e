package dev.holdfast.redis;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Suspects;
import dev.holdfast.reservation.ToldAnswers;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * What a node knows of its lanes' histories, and whether it has reason to doubt that Redis still has them. One for a node, used from all
 * its event loops: what one of them was told, saw or doubts is true for all.
 */
public final class Witnesses {

    private final ConcurrentMap<Place, Known> known = new ConcurrentHashMap<>();
    private final ConcurrentMap<Place, Vouched> vouched = new ConcurrentHashMap<>();

    /** The number of the last doubt about each lane alone. */
    private final ConcurrentMap<Place, Long> doubtsOfLanes = new ConcurrentHashMap<>();

    private volatile long lastDoubtOfAll;

    /** Counts doubts of all kinds. Written last: who sees a number here sees what was doubted, too. */
    private volatile long doubts;

    private final Suspects suspects = new Suspects();
    private final LaneNews news = new LaneNews();
    private final ToldAnswers answers = new ToldAnswers();
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

    /** What this node answered and what is not recorded yet. */
    public ToldAnswers answers() {
        return answers;
    }

    /** These sales are over for good. */
    public void forget(Set<SaleId> saleIds) {
        answers.forget(saleIds);
        known.keySet().removeIf(place -> saleIds.contains(place.saleId));
        vouched.keySet().removeIf(place -> saleIds.contains(place.saleId));
        doubtsOfLanes.keySet().removeIf(place -> saleIds.contains(place.saleId));
    }

    /** Somebody is told of this state. What is known of an older epoch is forgotten: that history is no longer sold on. */
    void tell(Lane lane, Reservation told) {
        tell(lane, told.mark().seq());
        answers.add(lane, told);
    }

    /** Somebody is told of this entry. */
    void tell(Lane lane, long seq) {
        known.merge(Place.of(lane), new Known(lane.epoch(), seq, seq), Known::and);
    }

    /** This entry was seen: recorded in PostgreSQL, or in Redis. */
    void see(Lane lane, long seq) {
        known.merge(Place.of(lane), new Known(lane.epoch(), 0, seq), Known::and);
    }

    /** The last entry of the lane's epoch that anyone was told of; 0 for none. */
    long lastTold(Lane lane) {
        Known place = known.get(Place.of(lane));
        return place != null && place.epoch == lane.epoch() ? place.told : 0;
    }

    /** The last entry of the lane's epoch that this node knows of, by whatever way; 0 for none. A ledger that ends before it lost history. */
    public long known(Lane lane) {
        Known place = known.get(Place.of(lane));
        return place != null && place.epoch == lane.epoch() ? place.seen : 0;
    }

    /** The latest epoch of the lane that this node knows of; 0 for none. Where it is later than the lane's, both Redis and PostgreSQL lost it. */
    long latestEpoch(Lane lane) {
        Known place = known.get(Place.of(lane));
        return place == null ? 0 : place.epoch;
    }

    /**
     * PostgreSQL was asked: in this reign Redis has all of the lane that is recorded. Not noted where the lane was doubted since.
     *
     * @param since what {@link #doubts} was before anybody was asked
     */
    synchronized void vouch(Lane lane, Reign reign, long since) {
        if (!isDoubted(lane, since)) {
            vouched.put(Place.of(lane), new Vouched(lane.epoch(), reign));
        }
    }

    /** Whether PostgreSQL was asked about the lane in this reign already: a master that stays one has forgotten nothing. */
    boolean isVouched(Lane lane, Reign reign) {
        return new Vouched(lane.epoch(), reign).equals(vouched.get(Place.of(lane)));
    }

    /** A number that grows with each doubt, of whatever lane. */
    long doubts() {
        return doubts;
    }

    /** Whether the lane was doubted after {@link #doubts} was this. */
    boolean isDoubted(Lane lane, long since) {
        return doubts != since && (lastDoubtOfAll > since || doubtsOfLanes.getOrDefault(Place.of(lane), 0L) > since);
    }

    /** Redis does not have the lane, or not all of it: PostgreSQL is to be asked again. */
    synchronized void doubt(Lane lane) {
        vouched.remove(Place.of(lane));
        doubtsOfLanes.put(Place.of(lane), doubts + 1);
        doubts++;
    }

    /** Redis is not what it was: PostgreSQL is to be asked about every lane again. */
    synchronized void doubtAll() {
        vouched.clear();
        lookAgain();
    }

    /**
     * The same, by someone who has found out what Redis is now.
     *
     * @param since what {@link #doubts} was before it was found out
     * @return from where on doubts speak against what was found
     */
    synchronized long doubtAll(long since) {
        boolean isFirst = doubts == since;
        doubtAll();
        return isFirst ? doubts : since;
    }

    /** A connection was made: every lane is to be looked at again. In a reign that is known already PostgreSQL need not be asked. */
    synchronized void lookAgain() {
        lastDoubtOfAll = doubts + 1;
        doubts++;
    }

    /** A lane in all its lives: there is one entry for each, however often its epoch changes. */
    private record Place(SaleId saleId, int number) {

        static Place of(Lane lane) {
            return new Place(lane.saleId(), lane.number());
        }
    }

    private record Vouched(long epoch, Reign reign) {}

    /** What is known of a lane's epoch: {@code seen} is never less than {@code told}. */
    private record Known(long epoch, long told, long seen) {

        Known and(Known other) {
            if (epoch != other.epoch) {
                return epoch > other.epoch ? this : other;
            }
            if (told >= other.told && seen >= other.seen) {
                return this;
            }
            return new Known(epoch, Math.max(told, other.told), Math.max(seen, other.seen));
        }
    }
}
