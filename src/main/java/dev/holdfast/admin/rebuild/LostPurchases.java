package dev.holdfast.admin.rebuild;

import dev.holdfast.ledger.ConclusionBook;
import dev.holdfast.ledger.LostAnswer;
import dev.holdfast.ledger.Rebuild;
import dev.holdfast.ledger.RebuildFinding;
import dev.holdfast.redis.LaneContents;
import dev.holdfast.redis.LaneFacts;
import dev.holdfast.redis.LedgerWords;
import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.LedgerEntry.Kind;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.RestoredReservation;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockedSku;
import io.vertx.core.Future;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Units that Redis counts as sold and of whose reservations neither side has anything left: the books were lost, and Redis keeps what is
 * confirmed for a day. They stay sold. Whose they are is told by what Redis counts for its buyers. Where a node still remembers what it told such a
 * buyer, it is that reservation again; else one is made.
 */
final class LostPurchases {

    /** Whoever bought what Redis counts as sold and counts for nobody. */
    private static final CustomerId NOBODY_KNOWN = new CustomerId("unknown-buyer");

    private static final int TOLD_AT_ONCE = 1_000;

    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private final Rebuild rebuild;
    private final LaneFacts facts;
    private final LaneContents contents;
    private final Conclusions.Ledgers books;
    private final ConcludedEntries entries;
    private final SecureRandom random = new SecureRandom();
    private final Map<CustomerId, List<RestoredReservation>> told = new HashMap<>();
    private final Map<CustomerId, Map<Sku, Long>> ofTold = new LinkedHashMap<>();
    private LostAnswer.@Nullable Place lastTold;
    private final Map<Sku, Long> wanted = new HashMap<>();
    /** A step of the reading may bring a field again. */
    private final Set<LaneContents.Units> seen = new HashSet<>();

    LostPurchases(
            Rebuild rebuild,
            LaneFacts facts,
            LaneContents contents,
            Conclusions.Ledgers books,
            ConcludedEntries entries) {
        this.rebuild = rebuild;
        this.facts = facts;
        this.contents = contents;
        this.books = books;
        this.entries = entries;
    }

    /**
     * Concludes them.
     *
     * @param redis its counts; those of the books have everything in them that could be told from reservations
     * @param mended what Redis has sold more than the books because a person said so
     */
    Future<Void> conclude(List<StockedSku> redis, MendedLetters mended) {
        ConclusionBook book = books.conclusions();
        return book.stock(rebuild.concluding()).compose(known -> {
            List<RebuildFinding> differing = new ArrayList<>();
            for (StockedSku there : redis) {
                StockedSku here = known.get(there.count().sku());
                long sold = here == null ? 0 : here.count().sold();
                long unknown =
                        there.count().sold() - sold - mended.units(there.count().sku());
                if (unknown > 0) {
                    wanted.put(there.count().sku(), unknown);
                } else if (unknown < 0) {
                    differing.add(RebuildFinding.of(
                            RebuildFinding.Kind.COUNT_DIFFERS,
                            there.count().sku(),
                            "Redis counts " + there.count().sold() + " units as sold, the books " + sold
                                    + ", which are those of reservations"));
                }
            }
            return entries.list(differing)
                    .compose(listed -> wanted.isEmpty() ? Future.succeededFuture() : concludeWanted(mended));
        });
    }

    private Future<Void> concludeWanted(MendedLetters mended) {
        return books.purchases()
                .sum(rebuild.concluding())
                .compose(summed -> remembered())
                .compose(remembered -> contents.buyers(some -> concludeSome(some, mended)))
                .compose(concluded -> concludeTold())
                .compose(concluded -> nobodys());
    }

    /** What nodes told of purchases that the books lack. */
    private Future<Void> remembered() {
        return AsyncLoop.whileTrue(() -> books.lostAnswers()
                .wanted(rebuild.to(), lastTold, facts.nowMs(), TOLD_AT_ONCE)
                .compose(found -> {
                    if (found.isEmpty()) {
                        return Future.succeededFuture(false);
                    }
                    lastTold = found.getLast().place();
                    List<RestoredReservation> purchases = found.stream()
                            .map(LostAnswer::told)
                            .filter(one -> one.state() == ReservationState.CONFIRMED)
                            .toList();
                    return books.conclusions()
                            .known(
                                    rebuild.to().saleId(),
                                    purchases.stream()
                                            .map(RestoredReservation::id)
                                            .toList())
                            .onSuccess(known -> purchases.stream()
                                    .filter(one -> !known.containsKey(one.id()))
                                    .forEach(one -> told.computeIfAbsent(one.customerId(), first -> new ArrayList<>())
                                            .add(one)))
                            .map(true);
                }));
    }

    /** A purchase that was told is concluded as it was told where Redis counts all of its units for its buyer, else it was lost in Redis, too. */
    private Future<Void> concludeTold() {
        List<String> texts = new ArrayList<>();
        List<RebuildFinding> findings = new ArrayList<>();
        ofTold.forEach((customer, unknown) -> {
            for (RestoredReservation one : told.getOrDefault(customer, List.of())) {
                if (one.cart().lines().stream().allMatch(line -> has(unknown, line) && has(wanted, line))) {
                    one.cart().lines().forEach(line -> {
                        less(unknown, line.sku(), line.quantity());
                        less(wanted, line.sku(), line.quantity());
                    });
                    texts.addAll(LifeConclusion.of(null, List.of(), one));
                    findings.add(RebuildFinding.of(
                            RebuildFinding.Kind.RESERVATION_CONCLUDED,
                            one.id(),
                            customer,
                            "its buyer was told that it is confirmed with " + LaneComparison.lines(one)
                                    + ", and Redis counts its units as sold; it was not in the books"));
                }
            }
            Map.copyOf(unknown)
                    .forEach((sku, units) ->
                            take(customer, sku, Math.min(units, wanted.getOrDefault(sku, 0L)), texts, findings));
        });
        return entries.write(texts).compose(written -> entries.list(findings));
    }

    private static boolean has(Map<Sku, Long> units, Line line) {
        return units.getOrDefault(line.sku(), 0L) >= line.quantity();
    }

    private static void less(Map<Sku, Long> all, Sku sku, long units) {
        all.computeIfPresent(sku, (same, left) -> left > units ? left - units : null);
    }

    private Future<Void> concludeSome(List<LaneContents.Units> some, MendedLetters mended) {
        List<LaneContents.Units> asked = some.stream()
                .filter(units -> wanted.containsKey(units.sku()) && seen.add(units))
                .toList();
        if (asked.isEmpty()) {
            return Future.succeededFuture();
        }
        List<CustomerId> customers =
                asked.stream().map(LaneContents.Units::customerId).toList();
        ConclusionBook book = books.conclusions();
        return book.boughtBy(rebuild.from(), customers)
                .compose(bought -> book.heldBy(rebuild.from(), customers).compose(held -> {
                    List<String> texts = new ArrayList<>();
                    List<RebuildFinding> findings = new ArrayList<>();
                    for (LaneContents.Units units : asked) {
                        long unknown = units.quantity()
                                - of(bought, units)
                                - of(held, units)
                                - mended.units(units.customerId(), units.sku());
                        if (told.containsKey(units.customerId())) {
                            if (unknown > 0) {
                                ofTold.computeIfAbsent(units.customerId(), first -> new HashMap<>())
                                        .merge(units.sku(), unknown, Long::sum);
                            }
                            continue;
                        }
                        long left = wanted.getOrDefault(units.sku(), 0L);
                        take(units.customerId(), units.sku(), Math.min(unknown, left), texts, findings);
                    }
                    return entries.write(texts).compose(written -> entries.list(findings));
                }));
    }

    private Future<Void> nobodys() {
        List<String> texts = new ArrayList<>();
        List<RebuildFinding> findings = new ArrayList<>();
        Map.copyOf(wanted).forEach((sku, units) -> take(NOBODY_KNOWN, sku, units, texts, findings));
        return entries.write(texts).compose(written -> entries.list(findings));
    }

    /** In carts of at most as many units as a line may have. */
    private void take(CustomerId customer, Sku sku, long units, List<String> texts, List<RebuildFinding> findings) {
        for (long left = units; left > 0; left -= Line.MAX_QUANTITY) {
            int quantity = (int) Math.min(left, Line.MAX_QUANTITY);
            RestoredReservation bought = bought(customer, new Cart(List.of(new Line(sku, quantity))));
            texts.add(LedgerWords.transition(Kind.HELD, bought, bought.cart(), null, 1, facts.nowMs()));
            texts.add(LedgerWords.transition(Kind.CONFIRMED, bought, bought.cart(), null, 2, facts.nowMs()));
            findings.add(new RebuildFinding(
                    RebuildFinding.Kind.PURCHASE_CONCLUDED,
                    bought.id(),
                    sku,
                    customer,
                    quantity + " units that Redis counts as sold"
                            + (customer.equals(NOBODY_KNOWN) ? " and counts for no customer" : " to the customer")
                            + "; their reservations are lost"));
        }
        if (units > 0) {
            less(wanted, sku, units);
        }
    }

    private RestoredReservation bought(CustomerId customer, Cart cart) {
        byte[] key = new byte[16];
        random.nextBytes(key);
        return new RestoredReservation(
                ReservationId.of(BASE64.encodeToString(key), facts.nowMs()),
                customer,
                ReservationState.CONFIRMED,
                cart,
                facts.nowMs(),
                facts.nowMs(),
                facts.nowMs(),
                2,
                "concluded");
    }

    private static long of(Map<CustomerId, Map<Sku, Long>> all, LaneContents.Units units) {
        return all.getOrDefault(units.customerId(), Map.of()).getOrDefault(units.sku(), 0L);
    }
}
