package dev.holdfast.admin.rebuild;

import dev.holdfast.ledger.ConclusionBook;
import dev.holdfast.ledger.ConclusionBook.SettledLetters;
import dev.holdfast.ledger.Rebuild;
import dev.holdfast.ledger.RebuildFinding;
import dev.holdfast.redis.HoldValue;
import dev.holdfast.redis.LaneFacts;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.RestoredReservation;
import dev.holdfast.reservation.Sku;
import io.vertx.core.Future;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reservations whose last entry in Redis became a dead letter and was replayed with another one: a person decided what is true, so the books
 * count, also where a rebuild goes by Redis. Lives on one event loop.
 */
final class MendedLetters {

    private final ConclusionBook book;
    private final Rebuild rebuild;
    private final LaneFacts facts;
    /** The reading of Redis may bring one again. */
    private final Set<ReservationId> counted = new HashSet<>();

    private final Map<CustomerId, Map<Sku, Long>> units = new HashMap<>();

    MendedLetters(ConclusionBook book, Rebuild rebuild, LaneFacts facts) {
        this.book = book;
        this.rebuild = rebuild;
        this.facts = facts;
    }

    /** Those of them; not those that have gone on in Redis since. */
    Future<Set<ReservationId>> among(Collection<HoldValue> kept) {
        List<ReservationId> ids =
                kept.stream().map(one -> one.reservation().id()).toList();
        return book.settled(rebuild.to().saleId(), ids, facts.epoch()).map(letters -> {
            Set<ReservationId> asMended = new HashSet<>();
            for (HoldValue one : kept) {
                ReservationId id = one.reservation().id();
                SettledLetters its = letters.get(id);
                if (its != null && one.seq() <= its.mendedSeq()) {
                    asMended.add(id);
                }
            }
            return asMended;
        });
    }

    /** Notes by how many units Redis has sold more than the books count; a finding where both sides differ. */
    List<RebuildFinding> leftAsMended(@Nullable RestoredReservation known, RestoredReservation kept) {
        boolean same =
                known != null && known.state() == kept.state() && known.cart().equals(kept.cart());
        if (same || !counted.add(kept.id())) {
            return List.of();
        }
        Map<Sku, Long> more = units.computeIfAbsent(kept.customerId(), first -> new HashMap<>());
        LaneComparison.confirmedUnitsOf(kept, 1, more);
        LaneComparison.confirmedUnitsOf(known, -1, more);
        return List.of(RebuildFinding.of(
                RebuildFinding.Kind.RESERVATION_CONFLICT,
                kept.id(),
                kept.customerId(),
                (known == null
                                ? "not in the books"
                                : known.state().word() + " in the books with " + LaneComparison.lines(known))
                        + " since its dead letter was mended, which counts; "
                        + kept.state().word() + " in Redis with " + LaneComparison.lines(kept)));
    }

    /** Sold units of this SKU that Redis has more than the books, of all customers. */
    long units(Sku sku) {
        return units.values().stream()
                .mapToLong(bySku -> bySku.getOrDefault(sku, 0L))
                .sum();
    }

    /** The same, of one customer. */
    long units(CustomerId customerId, Sku sku) {
        return units.getOrDefault(customerId, Map.of()).getOrDefault(sku, 0L);
    }
}
