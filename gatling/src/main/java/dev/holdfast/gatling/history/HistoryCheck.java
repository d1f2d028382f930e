package dev.holdfast.gatling.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/**
 * Compares what callers were told with the books, and both with the rules of a sale. It believes no counter: who had which
 * unit when is computed from the answers alone.
 */
public final class HistoryCheck {

    private static final StockCounts NOTHING = new StockCounts(0, 0, 0, 0);

    private final Journal journal;
    private final Books books;
    private final long perCustomerLimit;
    private final Occupancy bySku = new Occupancy();
    private final Occupancy byCustomer = new Occupancy();
    private final Map<String, Long> acknowledged = new HashMap<>();
    private final Map<String, Long> unanswered = new HashMap<>();
    private final List<String> findings = new ArrayList<>();

    private HistoryCheck(Journal journal, Books books, long perCustomerLimit) {
        this.journal = journal;
        this.books = books;
        this.perCustomerLimit = perCustomerLimit;
    }

    /** Judges a run that is over; the limit is that of the sale, over all its SKUs. */
    public static Verdict judge(Journal journal, Books books, long perCustomerLimit) {
        return new HistoryCheck(journal, books, perCustomerLimit).judge();
    }

    private Verdict judge() {
        journal.entries().forEach(this::count);
        long oversold = 0;
        long leaked = 0;
        StockCounts total = NOTHING;
        for (String sku : new TreeSet<>(books.capacities().keySet())) {
            StockCounts counts = books.stock().getOrDefault(sku, NOTHING);
            total = total.plus(counts);
            oversold += oversold(sku, counts);
            leaked += leaked(sku, counts);
            checkCounts(sku, counts);
        }
        long overLimit = overLimit();
        checkJournal();
        findings.addAll(AdjustmentCheck.findings(journal.adjustments(), books));
        boolean recorded = books.balanced() && books.recorded().equals(books.stock());
        if (!books.balanced()) {
            findings.add("the audit says that the books do not balance");
        }
        long sold = acknowledged.values().stream().mapToLong(Long::longValue).sum();
        return new Verdict(total, sold, oversold, leaked, overLimit, recorded, findings);
    }

    private void count(Journal.Entry entry) {
        Hold hold = entry.hold();
        if (entry.ended(End.Kind.UNKNOWN)) {
            hold.lines().forEach(line -> unanswered.merge(line.sku(), (long) line.quantity(), Long::sum));
            return;
        }
        long untilMs = entry.end().map(end -> untilMs(hold, end)).orElse(hold.expiresAtMs());
        for (Line line : hold.lines()) {
            bySku.add(line.sku(), line.quantity(), hold.heldAtMs(), untilMs);
            byCustomer.add(hold.customerId(), line.quantity(), hold.heldAtMs(), untilMs);
            if (entry.ended(End.Kind.CONFIRMED)) {
                acknowledged.merge(line.sku(), (long) line.quantity(), Long::sum);
            }
        }
    }

    private static long untilMs(Hold hold, End end) {
        return switch (end.kind()) {
            case CONFIRMED -> Occupancy.NEVER_MS;
            case RELEASED -> end.atMs();
            case EXPIRED, UNKNOWN -> hold.expiresAtMs();
        };
    }

    private Capacity capacity(String sku) {
        long setUp = Objects.requireNonNull(books.capacities().get(sku), sku);
        return Capacity.of(setUp, books.adjustments().getOrDefault(sku, List.of()));
    }

    private long oversold(String sku, StockCounts counts) {
        Capacity capacity = capacity(sku);
        long atMost = over(sku, bySku.peak(sku), capacity.most());
        return atMost > 0 ? atMost : over(sku, counts.sold() + counts.held(), capacity.last());
    }

    private long over(String sku, long taken, long units) {
        long over = Math.max(0, taken - units);
        if (over > 0) {
            findings.add("%s: %d units were taken at the same time, there are %d".formatted(sku, taken, units));
        }
        return over;
    }

    private long leaked(String sku, StockCounts counts) {
        long capacity = capacity(sku).withUse(counts.sold());
        long withBuyers = acknowledged.getOrDefault(sku, 0L) + unanswered.getOrDefault(sku, 0L);
        long leaked = Math.max(0, capacity - counts.available() - withBuyers);
        if (leaked > 0) {
            findings.add("%s: %d units are neither available nor any buyer's".formatted(sku, leaked));
        }
        return leaked;
    }

    private void checkCounts(String sku, StockCounts counts) {
        long capacity = capacity(sku).withUse(counts.sold());
        if (counts.capacity() != capacity || counts.available() + counts.held() + counts.sold() != counts.capacity()) {
            findings.add("%s: %s does not add up to %d".formatted(sku, counts, capacity));
        }
        if (counts.held() > 0) {
            findings.add("%s: %d units are held though every hold is over".formatted(sku, counts.held()));
        }
        long least = acknowledged.getOrDefault(sku, 0L);
        long most = least + unanswered.getOrDefault(sku, 0L);
        if (counts.sold() < least || counts.sold() > most) {
            findings.add("%s: %d units are sold, buyers were told of %d".formatted(sku, counts.sold(), least));
        }
        StockCounts recorded = books.recorded().getOrDefault(sku, NOTHING);
        if (!recorded.equals(counts)) {
            findings.add("%s: PostgreSQL has %s, Redis has %s".formatted(sku, recorded, counts));
        }
    }

    private long overLimit() {
        List<String> over = byCustomer.names().stream()
                .filter(customer -> byCustomer.peak(customer) > perCustomerLimit)
                .toList();
        if (!over.isEmpty()) {
            findings.add("%d buyers had more than %d units, %s among them"
                    .formatted(over.size(), perCustomerLimit, over.getFirst()));
        }
        return over.size();
    }

    private void checkJournal() {
        if (journal.entries().isEmpty()) {
            findings.add("no hold was accepted, so nothing was checked");
        }
        if (journal.heldTwice() > 0) {
            findings.add("%d times a key was answered with a second reservation".formatted(journal.heldTwice()));
        }
        if (journal.endedTwice() > 0) {
            findings.add("%d times a reservation ended in a second way".formatted(journal.endedTwice()));
        }
    }
}
