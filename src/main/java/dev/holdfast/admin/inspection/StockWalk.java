package dev.holdfast.admin.inspection;

import dev.holdfast.ledger.AuditBook;
import dev.holdfast.ledger.IncidentKind;
import dev.holdfast.ledger.RecordedSlice;
import dev.holdfast.redis.LaneScan;
import dev.holdfast.redis.LaneScan.Part;
import dev.holdfast.reservation.Identifiers;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Sku;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Walks the stock in Redis: each SKU must be in the books, and be sold by their rules. */
final class StockWalk implements Walk {

    private final Lane lane;
    private final LaneScan scan;
    private final AuditBook audits;
    private final StockLook look;
    private final Set<Sku> met = new HashSet<>();
    private String cursor = LaneScan.START;

    StockWalk(Lane lane, LaneScan scan, AuditBook audits, StockLook look) {
        this.lane = lane;
        this.scan = scan;
        this.audits = audits;
        this.look = look;
    }

    @Override
    public Future<Step> step() {
        return scan.walk(lane, Part.STOCK, cursor).compose(step -> {
            Map<Sku, String> available = new HashMap<>();
            Set<Sku> skus = new LinkedHashSet<>();
            for (LaneScan.Entry entry : step.entries()) {
                skuOf(entry.name()).ifPresent(sku -> {
                    if (met.add(sku)) {
                        skus.add(sku);
                    }
                    if (entry.name().endsWith("|available") && entry.value() != null) {
                        available.put(sku, entry.value());
                    }
                });
            }
            cursor = step.next();
            List<Sku> all = List.copyOf(skus);
            List<Finding> findings = new ArrayList<>();
            return (all.isEmpty() ? Future.succeededFuture(Optional.<RecordedSlice>empty()) : audits.slice(lane, all))
                    .compose(books -> {
                        books.ifPresent(slice -> findings.addAll(madeUp(slice, step.seq(), all, available)));
                        return look.look(lane, all);
                    })
                    .map(rules -> {
                        findings.addAll(rules);
                        return new Step(step.entries().size(), findings, step.isLast());
                    });
        });
    }

    /** The books are read after Redis. Those that are not so far yet are looked at the next time. */
    private static List<Finding> madeUp(RecordedSlice books, long seq, List<Sku> skus, Map<Sku, String> available) {
        Set<Sku> known = new HashSet<>();
        books.counts().forEach(count -> known.add(count.sku()));
        List<Finding> findings = new ArrayList<>();
        if (books.recordedSeq() >= seq) {
            for (Sku sku : skus) {
                if (!known.contains(sku)) {
                    String units = available.getOrDefault(sku, "0");
                    findings.add(new Finding(
                            IncidentKind.BOOKS_DO_NOT_ADD_UP,
                            sku.value(),
                            units.matches("[0-9]{1,15}") ? Long.parseLong(units) : 0,
                            "Redis sells a SKU that the books do not have, " + units + " units of " + sku));
                }
            }
        }
        return findings;
    }

    /** Of a field of the hash of stock; empty for its lists. */
    private static Optional<Sku> skuOf(String field) {
        int bar = field.lastIndexOf('|');
        return bar > 0 && Identifiers.isIdentifier(field.substring(0, bar))
                ? Optional.of(new Sku(field.substring(0, bar)))
                : Optional.empty();
    }
}
