package dev.holdfast.admin.rebuild;

import dev.holdfast.admin.inspection.RowsByLedger;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.LaneSnapshot;
import dev.holdfast.ledger.LaneSnapshot.Reserved;
import dev.holdfast.ledger.LaneSnapshot.UnreadableRow;
import dev.holdfast.ledger.MendedCount;
import dev.holdfast.ledger.Rebuild;
import dev.holdfast.ledger.RebuildFinding;
import dev.holdfast.ledger.RecordedLife;
import dev.holdfast.redis.LaneContents;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import dev.holdfast.reservation.StockCount;
import dev.holdfast.reservation.StockedSku;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Counts of PostgreSQL that are not what its reservations come to, because somebody changed the one or the other. The ledger is right about
 * reservations, and reservations are right about counts. What was wrong is listed among the findings, and an incident has the numbers.
 *
 * <p>Counts that are too low are raised first, before anything else is recorded: nothing that a buyer was told of is offered again. Those that
 * are too high stay until it is known what Redis says. Lives on one event loop.
 */
public final class BookCounts {

    /** What an incident names where it cannot name all. */
    private static final int MOST_NAMED = 100;

    private final Rebuild rebuild;
    private final Books books;
    private final RowsByLedger rows;
    private final LaneContents redis;
    private final List<String> told = new ArrayList<>();
    private final Map<Sku, Long> stillSold = new HashMap<>();
    private long toldInAll;
    private long toldBefore;
    private boolean wrong;

    /** Nothing is known yet. */
    public BookCounts(Rebuild rebuild, Books books, RowsByLedger rows, LaneContents redis) {
        this.redis = redis;
        this.rebuild = rebuild;
        this.books = books;
        this.rows = rows;
    }

    /**
     * Whose word counts about units that are counted and that no reservation of the books has.
     *
     * @param redis what Redis counts as sold; null where Redis does not have all that the books have
     * @param redisIsAdded whether all that Redis knows is added to the books afterwards
     * @param discard whether an admin said that they may go
     */
    public record Word(@Nullable Map<Sku, Long> redis, boolean redisIsAdded, boolean discard) {}

    /** Whether they add up by now, and did so from the beginning. */
    public boolean addedUp() {
        return !wrong;
    }

    /**
     * Compares counts and reservations; where they differ, has the rows of reservations written as the ledger has them, and raises counts
     * that are lower than reservations come to. Fails with {@link dev.holdfast.ledger.Overtaken}, and as PostgreSQL does.
     */
    public Future<Void> look() {
        return putBackSkus()
                .compose(back -> books.purchases().sum(rebuild.from()))
                .compose(summed -> soldAddUp())
                .compose(sold -> sold ? books.rebuilds().read(rebuild, BookCounts::heldAddUp) : no())
                .compose(addUp -> {
                    wrong = !addUp || toldInAll > 0;
                    return !wrong ? Future.succeededFuture() : mendRows().compose(mended -> raise());
                });
    }

    /**
     * Held units that are counted and that no reservation of the books has, at least as many as rows that cannot be read; 0 where all added up.
     */
    public Future<Long> unknownHeld() {
        return wrong
                ? found().map(found -> {
                    long units = 0;
                    for (StockedSku sku : found.stock()) {
                        Sku name = sku.count().sku();
                        units += Math.max(
                                0, sku.count().held() - found.held(name).units());
                    }
                    return Math.max(units, found.unusable().size());
                })
                : Future.succeededFuture(0L);
    }

    /**
     * Sets counts to what reservations come to. What is counted as sold beyond that may be of those that are put back afterwards, from Redis or
     * from what nodes remember; {@link #keepSold} sets what is left of it.
     */
    public Future<Void> follow(Word word) {
        return wrong
                ? foundWithoutUnusable()
                        .compose(found -> {
                            List<Target> targets = new ArrayList<>();
                            for (StockedSku sku : found.stock()) {
                                Sku name = sku.count().sku();
                                long sold = found.sold(name).units();
                                targets.add(new Target(sku, found.held(name).units(), sold));
                                if (sku.count().sold() > sold && !word.redisIsAdded() && !word.discard()) {
                                    stillSold.put(name, sold(sku, word.redis()));
                                }
                            }
                            return set(found, targets);
                        })
                        .compose(set -> books.purchases().sumAnew(rebuild.from()))
                : Future.succeededFuture();
    }

    /** Units that were counted as sold and of which no reservation is left stay sold: nobody knows that nobody has them. */
    public Future<Void> keepSold() {
        return stillSold.isEmpty()
                ? Future.succeededFuture()
                : found().compose(found -> {
                    List<Target> targets = new ArrayList<>();
                    for (StockedSku sku : found.stock()) {
                        long more = stillSold.getOrDefault(sku.count().sku(), 0L)
                                - sku.count().sold();
                        long room = sku.count().available();
                        targets.add(new Target(
                                sku, sku.count().held(), sku.count().sold() + Math.max(0, Math.min(more, room))));
                    }
                    return set(found, targets);
                });
    }

    /** What Redis counts, where it counts fewer. */
    private static long sold(StockedSku sku, @Nullable Map<Sku, Long> redis) {
        long counted = sku.count().sold();
        return redis == null
                ? counted
                : Math.min(counted, redis.getOrDefault(sku.count().sku(), counted));
    }

    /** The sums of the ledger are there already; those of all reservations count where they differ. */
    private Future<Boolean> soldAddUp() {
        return books.rebuilds()
                .read(rebuild, LaneSnapshot::purchasesAddUp)
                .compose(addUp -> addUp
                        ? books.rebuilds().read(rebuild, LaneSnapshot::rowsAddUp)
                        : books.purchases()
                                .sumAnew(rebuild.from())
                                .compose(summed -> books.rebuilds().read(rebuild, LaneSnapshot::purchasesAddUp)));
    }

    private static Future<Boolean> heldAddUp(LaneSnapshot snapshot) {
        return snapshot.otherCapacities()
                .compose(others ->
                        others.isEmpty() ? snapshot.stock().compose(stock -> heldAddUp(snapshot, stock)) : no());
    }

    private static Future<Boolean> heldAddUp(LaneSnapshot snapshot, List<StockedSku> stock) {
        HeldUnits held = new HeldUnits(stock);
        boolean[] readable = {true};
        return snapshot.liveHolds(() -> !held.isComplete(), some -> {
                    some.lives().forEach(life -> held.add(life.reservation()));
                    readable[0] &= some.unreadable().isEmpty();
                    return Future.succeededFuture();
                })
                .map(done -> readable[0] && held.isComplete());
    }

    private static Future<Boolean> no() {
        return Future.succeededFuture(false);
    }

    /** Before anything is compared: without its SKU, no reservation would be taken for one. */
    private Future<Void> putBackSkus() {
        return books.counts()
                .withoutSku(rebuild)
                .compose(missing -> missing.isEmpty()
                        ? Future.succeededFuture()
                        : redis.stock(unreadable -> {}).compose(stock -> putBack(missing, stock)));
    }

    private Future<Void> putBack(List<Sku> missing, List<StockedSku> stock) {
        Map<Sku, SkuRules> known = new HashMap<>();
        stock.forEach(sku -> known.put(sku.count().sku(), sku.rules()));
        List<SkuRules> rules = new ArrayList<>();
        List<RebuildFinding> findings = new ArrayList<>();
        for (Sku sku : missing) {
            SkuRules inRedis = known.get(sku);
            rules.add(inRedis == null ? new SkuRules(sku, 0, null, Map.of(), null, 0, null, null, 1) : inRedis);
            String detail = "its row of skus was gone: it is there again with the capacity of its counts and "
                    + (inRedis == null ? "without product and limit" : "the product and limit that Redis has")
                    + "; set its price, attributes and thresholds again";
            tell(sku + ": " + detail);
            findings.add(RebuildFinding.of(RebuildFinding.Kind.SKU_CONCLUDED, sku, detail));
        }
        return books.counts()
                .addSkus(rebuild, rules)
                .compose(added -> books.conclusions().list(rebuild, findings));
    }

    private Future<Void> mendRows() {
        return rows.mend(rebuild.from(), some -> {
            List<RebuildFinding> findings = new ArrayList<>();
            for (RowsByLedger.Mended one : some) {
                tell(one.transition().id() + ": " + one.detail());
                findings.add(RebuildFinding.of(
                        RebuildFinding.Kind.RESERVATION_MENDED,
                        one.transition().id(),
                        one.wanted().customerId(),
                        one.detail()));
            }
            return books.conclusions().list(rebuild, findings);
        });
    }

    private Future<Void> raise() {
        return found().compose(found -> {
            List<Target> targets = new ArrayList<>();
            for (StockedSku sku : found.stock()) {
                Sku name = sku.count().sku();
                targets.add(
                        fitting(sku, found.held(name).units(), found.sold(name).units()));
            }
            return set(found, targets);
        });
    }

    /** Not below what is counted, unless what is counted too much of the one leaves no room for the other. */
    private static Target fitting(StockedSku sku, long reservedHeld, long reservedSold) {
        long held = Math.max(sku.count().held(), reservedHeld);
        long sold = Math.max(sku.count().sold(), reservedSold);
        long over = Math.max(0, held + sold - sku.count().capacity());
        long fewerHeld = Math.min(over, held - reservedHeld);
        long fewerSold = Math.min(over - fewerHeld, sold - reservedSold);
        return new Target(sku, held - fewerHeld, sold - fewerSold);
    }

    private Future<Void> set(Found found, List<Target> targets) {
        List<MendedCount> counts = new ArrayList<>();
        List<RebuildFinding> findings = new ArrayList<>();
        for (Target target : targets) {
            StockedSku sku = target.sku();
            Sku name = sku.count().sku();
            if (target.held() != sku.count().held()
                    || target.sold() != sku.count().sold()
                    || found.resized().containsKey(name)) {
                counts.add(
                        target.mended(found.held(name).carts(), found.sold(name).carts()));
                String detail = resized(found.resized().get(name), sku)
                        + target.told(found.held(name).units(), found.sold(name).units());
                tell(name + ": " + detail);
                findings.add(RebuildFinding.of(RebuildFinding.Kind.COUNT_DIFFERS, name, detail));
            }
        }
        return toldInAll == toldBefore
                ? Future.succeededFuture()
                : books.conclusions()
                        .list(rebuild, findings)
                        .compose(listed -> books.counts().set(rebuild, counts, detail()))
                        .onSuccess(set -> toldBefore = toldInAll);
    }

    private static String resized(@Nullable Long before, StockedSku sku) {
        return before == null
                ? ""
                : "PostgreSQL had a capacity of " + before + ", and admins decided on " + sku.decidedCapacity() + "; ";
    }

    private void tell(String one) {
        toldInAll++;
        if (told.size() < MOST_NAMED) {
            told.add(one);
        }
    }

    private String detail() {
        return "PostgreSQL's counts were not what its reservations come to. All is listed among the findings of the rebuild: "
                + String.join("; ", told)
                + (toldInAll > told.size() ? "; ... (" + toldInAll + " in all)" : "");
    }

    /** Reads all reservations of the lane. SKUs that have reservations and no counts get counts first. */
    private Future<Found> found() {
        return read().compose(found -> {
            Set<Sku> uncounted = found.uncounted();
            return uncounted.isEmpty()
                    ? Future.succeededFuture(found)
                    : books.counts().add(rebuild, uncounted).compose(added -> {
                        if (added == 0) {
                            return Future.succeededFuture(found);
                        }
                        tell("counts of " + uncounted + " were gone");
                        return read();
                    });
        });
    }

    /** The same when rows are out that are no reservation. */
    private Future<Found> foundWithoutUnusable() {
        return found().compose(found -> found.unusable().isEmpty()
                ? Future.succeededFuture(found)
                : takeOut(found.unusable()).compose(out -> read()));
    }

    private Future<Void> takeOut(List<UnreadableRow> unusable) {
        List<RebuildFinding> findings = new ArrayList<>();
        for (UnreadableRow row : unusable) {
            String detail = "the row " + row.reservationId() + " is no reservation and is taken out: " + row.text();
            tell(detail);
            findings.add(new RebuildFinding(RebuildFinding.Kind.UNREADABLE, null, null, null, detail));
        }
        return books.conclusions()
                .list(rebuild, findings)
                .compose(listed -> books.counts()
                        .takeOut(
                                rebuild,
                                unusable.stream()
                                        .map(UnreadableRow::reservationId)
                                        .toList()));
    }

    private Future<Found> read() {
        return books.rebuilds()
                .read(
                        rebuild,
                        snapshot -> snapshot.otherCapacities()
                                .compose(others -> snapshot.stock()
                                        .compose(stock -> snapshot.sold().compose(sold -> {
                                            Found found = found(stock, others, sold);
                                            return snapshot.liveHolds(() -> true, some -> {
                                                        found.unusable().addAll(some.unreadable());
                                                        some.lives().forEach(found::add);
                                                        return Future.succeededFuture();
                                                    })
                                                    .map(found);
                                        }))));
    }

    private static Found found(List<StockedSku> stock, Map<Sku, Long> otherCapacities, Map<Sku, Reserved> sold) {
        Map<Sku, Long> resized = new HashMap<>();
        List<StockedSku> right = new ArrayList<>(stock.size());
        for (StockedSku sku : stock) {
            StockCount count = sku.count();
            Long other = otherCapacities.get(count.sku());
            if (other == null) {
                right.add(sku);
            } else {
                resized.put(count.sku(), count.capacity());
                long more = other - count.capacity();
                right.add(new StockedSku(
                        sku.rules(),
                        count.resized(more, count.version()),
                        sku.pendingUnits(),
                        sku.adjustmentNo(),
                        sku.adjustments()));
            }
        }
        Set<Sku> counted = stock.stream().map(sku -> sku.count().sku()).collect(Collectors.toSet());
        return new Found(right, resized, counted, new HashMap<>(), sold, new HashSet<>(), new ArrayList<>());
    }

    /**
     * What reservations come to.
     *
     * @param stock with the capacities that admins decided on
     * @param resized SKUs that had another capacity, with that one
     * @param counted SKUs that have counts
     * @param heldOfUnknown SKUs that are held and have no counts
     * @param unusable rows that are no reservation, or one of a SKU without counts
     */
    private record Found(
            List<StockedSku> stock,
            Map<Sku, Long> resized,
            Set<Sku> counted,
            Map<Sku, Reserved> held,
            Map<Sku, Reserved> sold,
            Set<Sku> heldOfUnknown,
            List<UnreadableRow> unusable) {

        Reserved held(Sku sku) {
            return held.getOrDefault(sku, Reserved.NONE);
        }

        Reserved sold(Sku sku) {
            return sold.getOrDefault(sku, Reserved.NONE);
        }

        Set<Sku> uncounted() {
            Set<Sku> uncounted = new HashSet<>(heldOfUnknown);
            uncounted.addAll(sold.keySet());
            uncounted.removeAll(counted);
            return uncounted;
        }

        void add(RecordedLife life) {
            List<Sku> unknown = life.reservation().cart().lines().stream()
                    .map(Line::sku)
                    .filter(sku -> !counted.contains(sku))
                    .toList();
            if (!unknown.isEmpty()) {
                heldOfUnknown.addAll(unknown);
                unusable.add(new UnreadableRow(
                        life.reservation().id().value(),
                        "held by " + life.reservation().customerId() + ": "
                                + LaneComparison.lines(life.reservation())));
                return;
            }
            for (Line line : life.reservation().cart().lines()) {
                held.merge(line.sku(), new Reserved(line.quantity(), 1), (a, b) -> a.plus(b.units()));
            }
        }
    }

    /** What the counts of a SKU are to be. */
    private record Target(StockedSku sku, long held, long sold) {

        /** What is promised beyond the capacity is never offered, and leaves as holds end. */
        private long over() {
            return Math.max(0, held + sold - sku.count().capacity());
        }

        MendedCount mended(long holds, long sales) {
            long capacity = sku.count().capacity() + over();
            return new MendedCount(
                    sku.count().sku(),
                    capacity,
                    capacity - held - sold,
                    held,
                    sold,
                    sku.pendingUnits() + over(),
                    holds,
                    sales);
        }

        String told(long reservedHeld, long reservedSold) {
            return "PostgreSQL counted " + sku.count().held() + " held and "
                    + sku.count().sold() + " sold, reservations have " + reservedHeld + " and " + reservedSold
                    + ": from now on " + held + " are held and " + sold + " sold"
                    + (over() == 0
                            ? ""
                            : ", which is " + over()
                                    + " more than there are: nothing is offered, and as holds end the capacity goes back"
                                    + " from " + (sku.count().capacity() + over()) + " to " + sku.decidedCapacity()
                                    + " (pendingReduction)")
                    + (sold > reservedSold
                            ? "; of " + (sold - reservedSold) + " sold ones no reservation is left: they stay sold"
                            : "");
        }
    }
}
