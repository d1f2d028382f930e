package dev.holdfast.scenario;

import dev.holdfast.scenario.Observation.Audited;
import dev.holdfast.scenario.Observation.BelowUse;
import dev.holdfast.scenario.Observation.CursorRead;
import dev.holdfast.scenario.Observation.NotAnswered;
import dev.holdfast.scenario.Observation.SaleSaid;
import dev.holdfast.scenario.Observation.StockSeen;
import dev.holdfast.scenario.WatchedStock.Frame;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Whether stock reads, streams of stock, audits and other answers to admins were true at a place of the ledger between their question and
 * their answer, and whether {@code recorded: true} was told only of what PostgreSQL had.
 */
final class ObservationsCheck {

    private final LedgerReplay replay;
    private final RealTime realTime;
    private final Epochs epochs;
    private final Violations violations;

    /** @param epochs in which epoch which entry was */
    ObservationsCheck(LedgerReplay replay, RealTime realTime, Epochs epochs, Violations violations) {
        this.replay = replay;
        this.realTime = realTime;
        this.epochs = epochs;
        this.violations = violations;
    }

    /** First pass: the entry at which an audit ended was there when it was answered. */
    void bound(Observations observations) {
        for (Observation observation : observations.single()) {
            if (observation instanceof Audited audited) {
                long place = epochs.place(audited.epoch(), audited.seq());
                realTime.notAfter(place, audited.endNanos());
            }
        }
    }

    /** To be called when all bounds are settled. */
    void check(Observations observations) {
        for (Observation observation : observations.single()) {
            switch (observation) {
                case StockSeen seen -> check(seen);
                case Audited audited -> check(audited);
                case SaleSaid said ->
                    require(said, "an admin was told of a sale as it was not", place -> isSo(said, place));
                case BelowUse use ->
                    require(use, "an adjustment was refused without reason", place -> isSo(use, place));
                case CursorRead read -> {}
                case NotAnswered none -> {}
            }
        }
        observations.streams().forEach(this::check);
    }

    /**
     * No answer says {@code recorded: true} of a transition at which the cursor was not yet when it was read after that answer.
     *
     * @param claims places of transitions that were told to be recorded, by the moment at which the answer was there
     */
    void checkRecorded(NavigableMap<Long, Long> claims, Observations observations) {
        for (Observation observation : observations.single()) {
            if (observation instanceof CursorRead read) {
                long recorded = epochs.place(read.epoch(), read.seq());
                claims.headMap(read.startNanos(), false)
                        .forEach((nanos, place) -> violations.addUnless(
                                place <= recorded,
                                "told as recorded before it was",
                                "place",
                                place,
                                "told",
                                nanos,
                                "but",
                                read));
                // A later look at the cursor shows no more about these.
                claims.headMap(read.startNanos(), false).clear();
            }
        }
    }

    private void check(StockSeen seen) {
        Page page = new Page(seen.items(), seen.whole());
        if (!isSomewhere(seen, page)) {
            violations.add("stock was shown as it was not", page.nearest(), bounds(seen), seen);
        }
    }

    private void check(Audited audited) {
        violations.addUnless(audited.balanced(), "an audit found a difference", audited);
        for (Map<String, Counts> side : List.of(audited.redis(), audited.postgres())) {
            side.forEach((sku, counts) -> violations.addUnless(
                    isWhileAudited(audited, sku, counts), "an audit shows counts that the ledger does not", audited));
        }
    }

    /** Slice by slice SKUs are compared, each slice at a place of its own. */
    private boolean isWhileAudited(Audited audited, String sku, Counts counts) {
        long to = epochs.place(audited.epoch(), audited.seq());
        for (long place = from(audited); place <= to; place++) {
            if (counts.equals(replay.stockAt(sku, place))) {
                return true;
            }
        }
        return false;
    }

    private boolean isSo(SaleSaid said, long place) {
        LedgerLine.SaleSet sale = replay.saleAt(place);
        return sale != null && sale.state().equals(said.state()) && sale.offsetMs() == said.offsetMs();
    }

    private boolean isSo(BelowUse use, long place) {
        Counts counts = replay.stockAt(use.sku(), place);
        return counts != null && counts.held() == use.held() && counts.sold() == use.sold();
    }

    private void require(Observation observation, String rule, LongPredicate right) {
        if (!isSomewhere(observation, right)) {
            violations.add(rule, bounds(observation), observation);
        }
    }

    private boolean isSomewhere(Observation observation, LongPredicate right) {
        long to = realTime.seenBy(observation.endNanos());
        for (long place = from(observation); place <= to; place++) {
            if (right.test(place)) {
                return true;
            }
        }
        return false;
    }

    private long from(Observation observation) {
        return Math.max(1, realTime.metBy(observation.startNanos()));
    }

    private String bounds(Observation observation) {
        return "between places " + from(observation) + " and " + realTime.seenBy(observation.endNanos());
    }

    /**
     * Each frame adds to what came before; the views must be those of places that go forward, none of which is after the frame. The
     * first look of a stream may be a little older than the question: who watches with others is shown what they see.
     */
    private void check(WatchedStock watched) {
        Map<String, Counts> view = new TreeMap<>();
        long place = 1;
        for (Frame frame : watched.frames()) {
            view.putAll(frame.items());
            Page page = new Page(view, true);
            long to = realTime.seenBy(frame.atNanos());
            while (place <= to && !page.isAt(place)) {
                place++;
            }
            if (place > to) {
                violations.add("a stream shows stock out of order, or as it never was", watched.node(), frame, view);
                return;
            }
        }
        violations.addUnless(
                !watched.whole() || view.equals(replay.counts()),
                "a stream does not show the end",
                watched.node(),
                view,
                replay.counts());
    }

    /** Counts that were shown together. */
    private final class Page implements LongPredicate {

        private final Map<String, Counts> items;
        private final boolean whole;
        private @Nullable String different;

        Page(Map<String, Counts> items, boolean whole) {
            this.items = items;
            this.whole = whole;
        }

        /** The same, where nothing that was due kept its units. */
        @Override
        public boolean test(long place) {
            return isAt(place) && replay.firstDueAt(place) > replay.clockAt(place);
        }

        /** Where these counts were, if anywhere, for people. */
        String nearest() {
            for (long place = 1; place <= replay.lastSeq(); place++) {
                if (isAt(place)) {
                    return "it was so at place " + place + ", first due " + replay.firstDueAt(place) + " at "
                            + replay.clockAt(place);
                }
            }
            return "it was so at no place";
        }

        boolean isAt(long place) {
            // The one that was different at the place before is mostly so here, too.
            if (different != null && !items.get(different).equals(replay.stockAt(different, place))) {
                return false;
            }
            for (Map.Entry<String, Counts> item : items.entrySet()) {
                if (!item.getValue().equals(replay.stockAt(item.getKey(), place))) {
                    different = item.getKey();
                    return false;
                }
            }
            return !whole || items.size() == replay.skusAt(place);
        }
    }
}
