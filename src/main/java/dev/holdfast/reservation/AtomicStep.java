package dev.holdfast.reservation;

import io.vertx.core.Future;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one place where units change hands. Every call names the lane with its epoch.
 *
 * <p>Each fails with {@link StaleLane} where Redis has another life of the lane or none (nothing was changed), and with
 * {@link Unavailable} where Redis is away, full, or did not answer in time.
 */
public interface AtomicStep {

    /**
     * Holds the cart under this id's key, once: the same key and request again answer Replayed. So they do where it is held under the id's
     * other key.
     */
    Future<HoldOutcome> hold(Lane lane, HoldId id, String fingerprint, HoldRequest request);

    /** The same for an id that is made in one way only. */
    default Future<HoldOutcome> hold(Lane lane, ReservationId id, String fingerprint, HoldRequest request) {
        return hold(lane, HoldId.of(id), fingerprint, request);
    }

    /** Makes the sale final. */
    Future<ChangeOutcome> confirm(Lane lane, ReservationId id);

    /** Gives the units back. */
    Future<ChangeOutcome> release(Lane lane, ReservationId id);

    /**
     * Moves the deadline to {@code holdSeconds} from now, within the sale's maximum.
     *
     * @param expectedRevision nothing is changed where the reservation has another one; null: whichever it has
     */
    Future<ChangeOutcome> extend(Lane lane, ReservationId id, int holdSeconds, @Nullable Long expectedRevision);

    /**
     * Replaces the lines of a held cart.
     *
     * @param expectedRevision as with {@link #extend}
     */
    Future<ChangeOutcome> replace(Lane lane, ReservationId id, Cart cart, @Nullable Long expectedRevision);

    /**
     * Puts a reservation back as its receipt says, where it was lost. Done with it as it is then; Ended where it has ended in another way,
     * or where its time was over; Refused where the units are not there any more.
     */
    Future<ChangeOutcome> reclaim(Lane lane, Receipt receipt);

    /** Shows a reservation that Redis still has; a hold that is due shows as expired. */
    Future<ChangeOutcome> find(Lane lane, ReservationId id);

    /** Counts one SKU; empty if unknown. */
    Future<Optional<StockCount>> count(Lane lane, Sku sku);

    /** The counts of all SKUs. They tell of everything that was done before this was asked, and what is due by then counts as expired. */
    Future<StockCounts> stock(Lane lane);

    /** The holds of a SKU that run out next, {@code most} of them, soonest first; bounded by how many holds are looked at. */
    Future<Expiries> expiries(Lane lane, Sku sku, int most);

    /** How the sale stands by its own clock. */
    Future<SaleStanding> standing(Lane lane);
}
