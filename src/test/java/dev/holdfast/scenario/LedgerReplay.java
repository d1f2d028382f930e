package dev.holdfast.scenario;

import dev.holdfast.scenario.LedgerLine.Change;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Counts a ledger from its beginning, entry by entry, and finds every prefix that breaks a rule. What stood where is kept for
 * every place, so that answers can be compared with the moment in which they were given.
 */
final class LedgerReplay {

    private final Map<String, Integer> skuLimits;
    private final Violations violations;
    private final TransitionRules rules;
    private final CapacityRules capacities;
    private final Map<String, Timeline<Counts>> stock = new TreeMap<>();
    private final Map<String, Timeline<Integer>> taken = new HashMap<>();
    private final Map<String, List<Change>> reservations = new HashMap<>();
    private final Timeline<LedgerLine.SaleSet> sale = new Timeline<>();
    private final Timeline<Long> clock = new Timeline<>();
    private final Timeline<Long> firstDue = new Timeline<>();
    private final TreeMap<Long, Integer> due = new TreeMap<>();
    private long lastSeq;

    /** @param skuLimits units of a SKU for each customer, where it has a limit of its own */
    LedgerReplay(Map<String, Integer> skuLimits, Violations violations) {
        this.skuLimits = Map.copyOf(skuLimits);
        this.violations = violations;
        this.rules = new TransitionRules(violations);
        this.capacities = new CapacityRules(violations);
    }

    /** The next entry. */
    void add(LedgerLine line) {
        if (line instanceof LedgerLine.Epoch) {
            violations.addUnless(line.seq() == 0 && lastSeq == 0, "epoch mark out of place", line);
            return;
        }
        violations.addUnless(line.seq() == lastSeq + 1, "gap in the ledger", lastSeq, "then", line);
        lastSeq = line.seq();
        switch (line) {
            case LedgerLine.Epoch epoch -> {}
            case LedgerLine.Rebuilt rebuilt -> {}
            case LedgerLine.Repaired repaired -> {}
            case LedgerLine.SaleSet set -> {
                sale.put(lastSeq, set);
                clock.put(lastSeq, set.atMs());
            }
            case LedgerLine.StockSet set -> setStock(set);
            case LedgerLine.Adjustment adjustment -> {
                resize(adjustment.sku(), adjustment.units(), adjustment);
                capacities.check(adjustment, stock.get(adjustment.sku()).last());
            }
            case LedgerLine.Shrinking shrinking -> {
                resize(shrinking.sku(), -shrinking.units(), shrinking);
                capacities.check(shrinking);
            }
            case LedgerLine.Audit audit ->
                violations.addUnless(audit.counts().equals(counts()), "audit differs from the fold", audit, counts());
            case Change change -> change(change);
        }
    }

    long lastSeq() {
        return lastSeq;
    }

    /** All that came into force, in order. */
    List<LedgerLine.Adjustment> adjustments() {
        return capacities.adjustments();
    }

    /** Units of this SKU that are to go, at the end. */
    long pending(String sku) {
        return capacities.pending(sku);
    }

    Set<String> skus() {
        return stock.keySet();
    }

    /** How many SKUs there are after that entry. */
    long skusAt(long seq) {
        return stock.values().stream()
                .filter(timeline -> timeline.at(seq) != null)
                .count();
    }

    /** Null if the SKU was not there yet. */
    @Nullable
    Counts stockAt(String sku, long seq) {
        Timeline<Counts> timeline = stock.get(sku);
        return timeline == null ? null : timeline.at(seq);
    }

    /** All SKUs as they stand at the end. */
    Map<String, Counts> counts() {
        Map<String, Counts> counts = new TreeMap<>();
        stock.forEach((sku, timeline) -> counts.put(sku, timeline.last()));
        return counts;
    }

    /** Units held or bought; {@code sku} null for all SKUs. */
    int takenAt(String customer, @Nullable String sku, long seq) {
        Timeline<Integer> timeline = taken.get(field(customer, sku));
        Integer units = timeline == null ? null : timeline.at(seq);
        return units == null ? 0 : units;
    }

    /** Units held or bought at the end, as the buyers hash names them; without zeros. */
    Map<String, Long> buyers() {
        Map<String, Long> buyers = new TreeMap<>();
        taken.forEach((field, timeline) -> {
            long units = timeline.last();
            if (units != 0) {
                buyers.put(field, units);
            }
        });
        return buyers;
    }

    LedgerLine.@Nullable SaleSet saleAt(long seq) {
        return sale.at(seq);
    }

    /** The sale's clock at that entry, ms. */
    long clockAt(long seq) {
        Long atMs = clock.at(seq);
        return atMs == null ? 0 : atMs;
    }

    /** The earliest deadline of all that is held after that entry, ms; Long.MAX_VALUE if nothing is. */
    long firstDueAt(long seq) {
        Long atMs = firstDue.at(seq);
        return atMs == null ? Long.MAX_VALUE : atMs;
    }

    Set<String> reservationIds() {
        return new TreeSet<>(reservations.keySet());
    }

    /** Its transitions in order; empty if the ledger does not know it. */
    List<Change> reservation(String id) {
        return reservations.getOrDefault(id, List.of());
    }

    /** Its lines after that entry; none before it was held. */
    Lines linesAt(String id, long seq) {
        Lines lines = Lines.NONE;
        for (Change change : reservation(id)) {
            if (change.seq() <= seq) {
                lines = change.lines();
            }
        }
        return lines;
    }

    private void setStock(LedgerLine.StockSet set) {
        violations.addUnless(!stock.containsKey(set.sku()), "SKU set up twice", set);
        Timeline<Counts> timeline = new Timeline<>();
        timeline.put(set.seq(), new Counts(set.capacity(), set.capacity(), 0, 0));
        stock.put(set.sku(), timeline);
        clock.put(set.seq(), set.atMs());
    }

    private void resize(String sku, long units, LedgerLine line) {
        Counts counts = stock.computeIfAbsent(sku, name -> new Timeline<>()).last();
        Counts resized = (counts == null ? new Counts(0, 0, 0, 0) : counts).resized(units);
        violations.addUnless(counts != null && resized.balanced(), "adjusted beyond what there is", counts, line);
        stock.get(sku).put(line.seq(), resized);
    }

    private void change(Change change) {
        List<Change> before = reservations.computeIfAbsent(change.id(), id -> new ArrayList<>());
        Change last = before.isEmpty() ? null : before.getLast();
        rules.check(change, last, sale.at(change.seq()));
        before.add(change);
        if (!change.concluded()) {
            clock.put(change.seq(), change.atMs());
        }
        // What has ended has no units, and a rebuild may hold it again.
        Lines gone = last == null || last.ends() ? Lines.NONE : last.lines();
        switch (change.op()) {
            case "held", "replaced" -> {
                move(change, gone, 1, -1, 0);
                move(change, change.lines(), -1, 1, 0);
                take(change, gone, -1);
                take(change, change.lines(), 1);
                if (!change.concluded()) {
                    // What was put back was within the limits when it was given; a hold that is due may still count
                    // beside it.
                    checkLimits(change);
                }
                capacities.check(change, gone);
            }
            case "confirmed" -> move(change, change.lines(), 0, -1, 1);
            case "released", "expired" -> {
                move(change, change.lines(), 1, -1, 0);
                take(change, change.lines(), -1);
            }
            default -> {}
        }
        checkBalance(change, gone);
        watchDeadline(change, last);
    }

    private void move(Change change, Lines lines, int toAvailable, int toHeld, int toSold) {
        lines.bySku().forEach((sku, quantity) -> {
            Counts counts = stockAt(sku, change.seq());
            if (counts == null) {
                violations.add("a SKU that was never set up", sku, change);
            } else {
                stock.get(sku)
                        .put(change.seq(), counts.moved(toAvailable * quantity, toHeld * quantity, toSold * quantity));
            }
        });
    }

    private void take(Change change, Lines lines, int sign) {
        lines.bySku().forEach((sku, quantity) -> {
            add(field(change.customer(), sku), change.seq(), sign * quantity);
            add(field(change.customer(), null), change.seq(), sign * quantity);
        });
    }

    private void add(String field, long seq, int units) {
        Timeline<Integer> timeline = taken.computeIfAbsent(field, name -> new Timeline<>());
        Integer before = timeline.last();
        timeline.put(seq, (before == null ? 0 : before) + units);
    }

    private void checkBalance(Change change, Lines gone) {
        Set<String> touched = new TreeSet<>(change.lines().bySku().keySet());
        touched.addAll(gone.bySku().keySet());
        for (String sku : touched) {
            Counts counts = stockAt(sku, change.seq());
            violations.addUnless(
                    counts == null || counts.balanced(), "oversold or unbalanced", sku, counts, "after", change);
        }
    }

    private void checkLimits(Change change) {
        LedgerLine.SaleSet policy = sale.at(change.seq());
        int all = takenAt(change.customer(), null, change.seq());
        violations.addUnless(
                policy == null || policy.customerLimit() == 0 || all <= policy.customerLimit(),
                "over the sale's limit",
                all,
                change);
        for (String sku : change.lines().bySku().keySet()) {
            int limit = skuLimits.getOrDefault(sku, Integer.MAX_VALUE);
            int units = takenAt(change.customer(), sku, change.seq());
            violations.addUnless(units <= limit, "over the SKU's limit", units, change);
        }
    }

    private void watchDeadline(Change change, @Nullable Change last) {
        if (last != null && !last.ends()) {
            due.merge(last.expiresAtMs(), -1, (a, b) -> a + b == 0 ? null : a + b);
        }
        if (!change.ends()) {
            due.merge(change.expiresAtMs(), 1, Integer::sum);
        }
        firstDue.put(change.seq(), due.isEmpty() ? Long.MAX_VALUE : due.firstKey());
    }

    private static String field(String customer, @Nullable String sku) {
        return sku == null ? customer : customer + '|' + sku;
    }
}
