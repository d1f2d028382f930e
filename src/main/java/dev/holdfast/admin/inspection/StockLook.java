package dev.holdfast.admin.inspection;

import dev.holdfast.ledger.IncidentKind;
import dev.holdfast.ledger.InspectionBook;
import dev.holdfast.ledger.InspectionBook.DecidedRules;
import dev.holdfast.redis.LaneScan;
import dev.holdfast.redis.LaneScan.Part;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Compares the rules by which Redis sells each SKU with those that the admins set. */
final class StockLook {

    private static final List<String> FIELDS = List.of("rules", "limit", "product");

    private final LaneScan scan;
    private final InspectionBook book;

    StockLook(LaneScan scan, InspectionBook book) {
        this.scan = scan;
        this.book = book;
    }

    /** What is wrong with the rules of these SKUs. */
    Future<List<Finding>> look(Lane lane, Collection<Sku> skus) {
        return pairs(lane, skus).map(pairs -> {
            List<Finding> findings = new ArrayList<>();
            pairs.forEach(pair -> pair.finding().ifPresent(findings::add));
            return findings;
        });
    }

    /** Sets the rules of the SKU to those of the books; whether they are so then. */
    Future<Boolean> repair(Lane lane, Sku sku) {
        return pairs(lane, List.of(sku)).compose(pairs -> {
            if (pairs.isEmpty()) {
                return Future.succeededFuture(false);
            }
            Pair pair = pairs.getFirst();
            return pair.finding().isEmpty()
                    ? Future.succeededFuture(true)
                    : scan.setRules(lane, pair.rules(), pair.version());
        });
    }

    /**
     * The rules are read before Redis, and once more after it where Redis has a later version of them: that is right where an admin made it
     * meanwhile.
     */
    private Future<List<Pair>> pairs(Lane lane, Collection<Sku> skus) {
        return pairsBefore(lane, skus).compose(pairs -> {
            List<Sku> later = pairs.stream()
                    .filter(Pair::isLaterInRedis)
                    .map(pair -> pair.rules().sku())
                    .toList();
            return later.isEmpty()
                    ? Future.succeededFuture(pairs)
                    : book.rules(lane, later).map(now -> decidedSince(pairs, now));
        });
    }

    private static List<Pair> decidedSince(List<Pair> pairs, List<DecidedRules> now) {
        Map<Sku, DecidedRules> bySku =
                now.stream().collect(Collectors.toMap(one -> one.rules().sku(), Function.identity()));
        List<Pair> left = new ArrayList<>();
        for (Pair pair : pairs) {
            DecidedRules decided = bySku.getOrDefault(pair.rules().sku(), pair.decided());
            if (!pair.isLaterInRedis()
                    || decided.rules().version() == pair.rules().version()) {
                left.add(pair);
            }
        }
        return left;
    }

    private Future<List<Pair>> pairsBefore(Lane lane, Collection<Sku> skus) {
        if (skus.isEmpty()) {
            return Future.succeededFuture(List.of());
        }
        return book.rules(lane, skus)
                .compose(rules -> rules.isEmpty()
                        ? Future.succeededFuture(List.of())
                        : scan.show(lane, Part.STOCK, names(rules)).map(shown -> {
                            List<Pair> pairs = new ArrayList<>();
                            int at = 0;
                            for (DecidedRules one : rules) {
                                pairs.add(new Pair(
                                        one,
                                        shown.entries().get(at).value(),
                                        shown.entries().get(at + 1).value(),
                                        shown.entries().get(at + 2).value()));
                                at += FIELDS.size();
                            }
                            return pairs;
                        }));
    }

    private static List<String> names(List<DecidedRules> rules) {
        return rules.stream()
                .flatMap(one -> FIELDS.stream().map(field -> one.rules().sku().value() + '|' + field))
                .toList();
    }

    private record Pair(
            DecidedRules decided,
            @Nullable String version,
            @Nullable String limit,
            @Nullable String product) {

        /** Redis has the page of the product's SKUs before its name. */
        private static final Pattern PAGE = Pattern.compile("^[0-9]{1,15} ");

        SkuRules rules() {
            return decided.rules();
        }

        boolean isLaterInRedis() {
            return version != null && version.matches("[0-9]{1,15}") && Long.parseLong(version) > rules().version();
        }

        Optional<Finding> finding() {
            SkuRules rules = rules();
            boolean isRight = Long.toString(rules.version()).equals(version)
                    && Long.toString(rules.perCustomerLimit()).equals(limit)
                    && Objects.equals(rules.productId(), productId());
            boolean isOnItsWay = !decided.inForce() && !isLaterInRedis();
            return isOnItsWay || isRight
                    ? Optional.empty()
                    : Optional.of(new Finding(
                            IncidentKind.RULES_DIFFER,
                            rules.sku().value(),
                            0,
                            "Redis has the limit " + limit + " and the product " + productId() + " (version " + version
                                    + "); the books have " + rules.perCustomerLimit() + " and " + rules.productId()
                                    + " (version " + rules.version() + ")"));
        }

        private @Nullable String productId() {
            return product == null ? null : PAGE.matcher(product).replaceFirst("");
        }
    }
}
