package dev.holdfast.redis;

import dev.holdfast.reservation.FoundCount;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import dev.holdfast.reservation.StaleLane;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads parts of a lane as they are after one entry of its ledger, for audits and inspections, and writes anew what they found to be wrong.
 * No step takes more than a millisecond or so of Redis. Each fails with {@link StaleLane} and {@link Unavailable}. To be used on the event
 * loop of its connection.
 */
public final class LaneScan {

    /** As many SKUs as one call counts. */
    public static final int MOST_SKUS = 100;

    /** As many names as one call shows, other than those of reservations. */
    public static final int MOST_NAMES = 1_000;

    /** As many reservations as one call shows. */
    public static final int MOST_HOLDS = 100;

    /** As many entries as one call repairs, other than reservations. */
    public static final int MOST_REPAIRS = 100;

    /** As many reservations as one call repairs. */
    public static final int MOST_HOLD_REPAIRS = 10;

    /** Where a walk begins, and what it comes to at its end. */
    public static final String START = "0";

    private static final int COUNTS_OF_A_SKU = 5;
    private static final int STEP = 100;

    private final ScriptCalls calls;
    private final LaneSetup setup;

    /** Any number of these may share the calls. */
    public LaneScan(ScriptCalls calls) {
        this.calls = calls;
        setup = new LaneSetup(calls);
    }

    /** What of a lane is walked, shown or repaired. */
    public enum Part {
        /** Reservations by their keys. */
        HOLDS,
        /** What buyers hold or have bought. */
        BUYERS,
        /** Counts and rules of SKUs. */
        STOCK,
        /** What the admin set about the sale. */
        SALE;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Counts of SKUs.
     *
     * @param seq of the lane's last entry at that moment
     */
    public record Counted(long seq, List<FoundCount> counts) {}

    /**
     * Something under its name.
     *
     * @param value null where there is none
     * @param due of a reservation: its score in due, ms; null where there is none, and with all else
     */
    public record Entry(
            String name, @Nullable String value, @Nullable Double due) {}

    /**
     * A step of a walk, or what was asked for by name.
     *
     * @param seq of the lane's last entry at that moment
     * @param nowMs by the sale's clock
     * @param next where the next step begins, {@link #START} where there is none
     */
    public record Step(long seq, long nowMs, String next, List<Entry> entries) {

        /** Whether all of it was walked. */
        public boolean isLast() {
            return next.equals(START);
        }
    }

    /**
     * An entry that is to be written anew.
     *
     * @param seen its value as it was seen: where it is another one by now nothing is written
     * @param wanted its value; null for none
     * @param dueMs of a reservation: when it is to be looked at; null where it is not, and with all else
     */
    public record Repair(
            String name,
            @Nullable String seen,
            @Nullable String wanted,
            @Nullable Long dueMs) {}

    /** Counts these SKUs, {@link #MOST_SKUS} at most. */
    public Future<Counted> counts(Lane lane, List<Sku> skus) {
        return calls.call(Script.AUDIT, lane, skus.stream().map(Sku::value).toArray(String[]::new))
                .map(reply -> counted(skus, reply));
    }

    /** One step of a walk over all reservations, buyers, or fields of the stock; of what is about a product, only how long it is. */
    public Future<Step> walk(Lane lane, Part part, String from) {
        return calls.call(Script.SCAN, lane, part.word(), from, Integer.toString(STEP))
                .map(reply -> step(reply, reply.text(3), entries(reply, 4, part == Part.HOLDS)));
    }

    /** One step of a walk over what is due, now or later: those keys alone that no reservation has. */
    public Future<Step> walkDue(Lane lane, String from) {
        return calls.call(Script.SCAN, lane, "due", from, Integer.toString(STEP))
                .map(reply -> step(reply, reply.text(3), orphans(reply)));
    }

    /** These entries in their order, {@link #MOST_NAMES} at most, or {@link #MOST_HOLDS}. */
    public Future<Step> show(Lane lane, Part part, List<String> names) {
        List<String> arguments = new ArrayList<>(names.size() + 1);
        arguments.add(part.word());
        arguments.addAll(names);
        return calls.call(Script.LOOK, lane, arguments.toArray(String[]::new))
                .map(reply -> step(reply, START, shown(names, reply, part == Part.HOLDS)));
    }

    /**
     * Sets up a SKU's rules anew, whichever version of them is there; false where that is not any more as it was seen. Between the two calls
     * of Redis the SKU is sold by the rules that it had.
     *
     * @param seenVersion null where there was none
     */
    public Future<Boolean> setRules(Lane lane, SkuRules rules, @Nullable String seenVersion) {
        Repair forget = new Repair(rules.sku().value() + "|rules", seenVersion, null, null);
        return repair(lane, Part.STOCK, List.of(forget))
                .compose(forgotten -> forgotten
                        ? setup.setStock(lane, List.of(rules), Set.of(rules.sku()))
                                .map(Set::isEmpty)
                        : Future.succeededFuture(false));
    }

    /**
     * Writes these anew, all or none, {@link #MOST_REPAIRS} at most, or {@link #MOST_HOLD_REPAIRS}; false where one of them is not any more as
     * it was seen.
     */
    public Future<Boolean> repair(Lane lane, Part part, List<Repair> repairs) {
        List<String> arguments = new ArrayList<>(4 * repairs.size() + 1);
        arguments.add(part.word());
        for (Repair repair : repairs) {
            arguments.add(repair.name());
            arguments.add(orEmpty(repair.seen()));
            arguments.add(orEmpty(repair.wanted()));
            Long dueMs = repair.dueMs();
            arguments.add(dueMs == null ? "" : Long.toString(dueMs));
        }
        return calls.call(Script.REPAIR, lane, arguments.toArray(String[]::new))
                .map(reply -> reply.word().equals("REPAIRED"));
    }

    private static Counted counted(List<Sku> skus, Reply reply) {
        List<FoundCount> counts = new ArrayList<>(skus.size());
        int at = 2;
        for (Sku sku : skus) {
            counts.add(new FoundCount(sku, reply.parts().subList(at, at + COUNTS_OF_A_SKU)));
            at += COUNTS_OF_A_SKU;
        }
        return new Counted(reply.number(1), counts);
    }

    private static Step step(Reply reply, String next, List<Entry> entries) {
        return new Step(reply.number(1), reply.number(2), next, entries);
    }

    private static List<Entry> entries(Reply reply, int from, boolean withDue) {
        List<Entry> entries = new ArrayList<>();
        for (int at = from; at < reply.size(); at += withDue ? 3 : 2) {
            entries.add(
                    new Entry(reply.text(at), orNull(reply.text(at + 1)), withDue ? due(reply.text(at + 2)) : null));
        }
        return entries;
    }

    private static List<Entry> orphans(Reply reply) {
        List<Entry> entries = new ArrayList<>();
        for (int at = 4; at < reply.size(); at += 2) {
            entries.add(new Entry(reply.text(at), null, due(reply.text(at + 1))));
        }
        return entries;
    }

    private static List<Entry> shown(List<String> names, Reply reply, boolean withDue) {
        List<Entry> entries = new ArrayList<>(names.size());
        int at = 3;
        for (String name : names) {
            entries.add(new Entry(name, orNull(reply.text(at)), withDue ? due(reply.text(at + 1)) : null));
            at += withDue ? 2 : 1;
        }
        return entries;
    }

    private static @Nullable Double due(String text) {
        return text.isEmpty() ? null : Double.valueOf(text.replace("inf", "Infinity"));
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
