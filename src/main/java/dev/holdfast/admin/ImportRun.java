package dev.holdfast.admin;

import dev.holdfast.admin.ImportReport.Result;
import dev.holdfast.ledger.SkuEdits;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** One file on its way into the books: decides about each SKU by what is there, and keeps what came of it. */
final class ImportRun implements SkuEdits {

    private final boolean trial;
    private final Map<Sku, Catalogue.Entry> entries = new LinkedHashMap<>();
    private final List<ImportReport.Line> lines;
    private final Set<Sku> adjusted = new HashSet<>();
    private Map<Sku, String> refusals = Map.of();
    private IntConsumer answered = count -> {};

    ImportRun(Catalogue catalogue, boolean trial) {
        this.trial = trial;
        lines = new ArrayList<>(catalogue.rejected());
        catalogue.entries().forEach(entry -> entries.put(entry.sku(), entry));
    }

    @Override
    public List<Sku> skus() {
        return List.copyOf(entries.keySet());
    }

    boolean isTrial() {
        return trial;
    }

    /** Hears from now on about how many more SKUs it is being decided. */
    void onAnswered(IntConsumer hears) {
        answered = hears;
    }

    /** How many rows the file has. */
    int rows() {
        return lines.size()
                + entries.values().stream()
                        .mapToInt(entry -> entry.rows().size())
                        .sum();
    }

    /** The import changed the capacities of these before: it does so once, whatever somebody else made of them since. */
    void capacitiesChangedBefore(Set<Sku> skus) {
        skus.stream().filter(entries::containsKey).forEach(adjusted::add);
    }

    /** The capacities that have to change before anything else does, of rows that nothing else speaks against. */
    List<CapacityChanges.Wish> capacityWishes(Map<Sku, SkuRules> before) {
        List<CapacityChanges.Wish> wishes = new ArrayList<>();
        before.forEach((sku, rules) -> {
            RulesDraft draft = draft(sku, rules);
            if (draft.problem() == null && draft.rules(sku).capacity() != rules.capacity() && !adjusted.contains(sku)) {
                wishes.add(new CapacityChanges.Wish(sku, draft.rules(sku).capacity()));
            }
        });
        return wishes;
    }

    /** What became of these wishes. */
    void capacitiesChanged(List<CapacityChanges.Wish> wishes, Map<Sku, String> refused) {
        refusals = refused;
        wishes.stream().filter(wish -> !refused.containsKey(wish.sku())).forEach(wish -> adjusted.add(wish.sku()));
    }

    @Override
    public List<SkuRules> wanted(List<Sku> these, Map<Sku, SkuRules> before) {
        answered.accept(these.size());
        List<SkuRules> wanted = new ArrayList<>();
        for (Sku sku : these) {
            SkuRules there = before.get(sku);
            RulesDraft draft = draft(sku, there);
            String problem = problem(sku, there, draft);
            if (problem != null) {
                answer(sku, Result.REJECTED, problem);
            } else if (there == null) {
                answer(sku, Result.CREATED, null);
                wanted.add(draft.rules(sku));
            } else if (draft.changesAnything(sku) || adjusted.contains(sku)) {
                answer(sku, Result.UPDATED, null);
                wanted.add(draft.rules(sku));
            } else {
                answer(sku, Result.UNCHANGED, null);
            }
        }
        return wanted;
    }

    @Override
    public JsonObject told() {
        ImportReport report = report();
        JsonObject told = new JsonObject().put("rows", lines.size());
        for (Result result : Result.values()) {
            told.put(result.word(), report.count(result));
        }
        return told;
    }

    /** Complete when {@link #wanted} has been asked about every SKU. */
    ImportReport report() {
        return new ImportReport(
                trial,
                lines.stream()
                        .sorted(Comparator.comparingInt(ImportReport.Line::row))
                        .toList());
    }

    private @Nullable String problem(Sku sku, @Nullable SkuRules there, RulesDraft draft) {
        String problem = draft.problem();
        if (problem != null) {
            return problem;
        }
        if (refusals.containsKey(sku)) {
            return refusals.get(sku);
        }
        if (there == null || draft.rules(sku).capacity() == there.capacity() || (trial && adjusted.contains(sku))) {
            return null;
        }
        return "somebody else changed its capacity to " + there.capacity() + " meanwhile";
    }

    private RulesDraft draft(Sku sku, @Nullable SkuRules before) {
        RulesDraft draft = RulesDraft.over(before);
        entry(sku).edits().forEach(edit -> edit.putOver(draft));
        return draft;
    }

    private void answer(Sku sku, Result result, @Nullable String reason) {
        entry(sku).rows().forEach(row -> lines.add(new ImportReport.Line(row, sku.value(), result, reason)));
    }

    private Catalogue.Entry entry(Sku sku) {
        Catalogue.Entry entry = entries.get(sku);
        if (entry == null) {
            throw new IllegalStateException("the file is not about " + sku);
        }
        return entry;
    }
}
