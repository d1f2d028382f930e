package dev.holdfast.scenario;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Whether each refusal was right at some moment between its question and its answer: the shelves were as it says, the buyer had
 * what it says, and no unit lay idle in a hold that was due. Where nodes may refuse by themselves, that moment may lie a little
 * before the question.
 */
final class RefusalsCheck {

    private static final Set<String> UNAVAILABLE =
            Set.of("not-sent", "recovering", "redis-unavailable", "postgres-unavailable", "overloaded");

    private final LedgerReplay replay;
    private final RealTime realTime;
    private final RealTime known;
    private final Map<String, Integer> skuLimits;
    private final Duration nearCache;
    private final Violations violations;

    /**
     * Of a storm.
     *
     * @param known what a node knows for certain that refuses by itself
     * @param nearCache how long nodes may refuse by what was so before; zero for never
     */
    RefusalsCheck(
            LedgerReplay replay,
            RealTime realTime,
            RealTime known,
            Map<String, Integer> skuLimits,
            Duration nearCache,
            Violations violations) {
        this.replay = replay;
        this.realTime = realTime;
        this.known = known;
        this.skuLimits = skuLimits;
        this.nearCache = nearCache;
        this.violations = violations;
    }

    void check(List<Operation> operations) {
        for (Operation operation : operations) {
            if (operation.answer() instanceof Answer.Refused refused) {
                check(operation, refused);
            }
        }
    }

    private void check(Operation operation, Answer.Refused refused) {
        switch (refused.code()) {
            case "out-of-stock" -> require(operation, place -> isShort(operation.ask(), refused.detail(), place));
            case "purchase-limit" -> require(operation, place -> isOver(operation.ask(), refused.detail(), place));
            case "sale-paused" ->
                require(
                        operation,
                        place -> grows(operation.ask(), place) && stateAt(place).equals("paused"));
            case "sale-closed" -> require(operation, place -> grows(operation.ask(), place) && isClosed(place));
            case "sale-not-open" -> require(operation, place -> grows(operation.ask(), place) && opensAt(place) > 0);
            case "reservation-expired", "reservation-released", "reservation-confirmed", "reservation-not-found" ->
                violations.addUnless(
                        operation.ask() instanceof Ask.OnReservation, "a hold refused for a reservation", operation);
            case "idempotency-key-reused" ->
                violations.addUnless(operation.ask() instanceof Ask.Hold, "a key where there is none", operation);
            default ->
                violations.addUnless(UNAVAILABLE.contains(refused.code()), "refused for a strange reason", operation);
        }
    }

    private void require(Operation operation, LongPredicate right) {
        long met = realTime.metBy(operation.startNanos() - oldness(operation));
        long from = Math.max(1, Math.max(met, known.metBy(operation.startNanos())));
        long to = realTime.seenBy(operation.endNanos());
        for (long place = from; place <= to; place++) {
            if (right.test(place)) {
                return;
            }
        }
        violations.add(
                "refused without reason", operation, "between seq", from, "and", to, "where", evidence(operation, to));
    }

    /** Nanoseconds by which the refusal may be older than its question. */
    private long oldness(Operation operation) {
        boolean mayBeNear = operation.ask() instanceof Ask.Hold hold
                && hold.key() == null
                && hold.holdSeconds() == null
                && hold.lines().bySku().size() == 1
                && operation.answer() instanceof Answer.Refused refused
                && refused.code().equals("out-of-stock");
        return mayBeNear ? nearCache.toNanos() : 0;
    }

    private boolean isShort(Ask ask, Answer.Detail detail, long place) {
        if (detail.shortages().isEmpty() || replay.firstDueAt(place) <= replay.clockAt(place)) {
            return false;
        }
        Lines own = ownAt(ask, place);
        Lines wanted = wanted(ask);
        for (String sku : wanted.bySku().keySet()) {
            Counts counts = replay.stockAt(sku, place);
            if (counts == null || !agrees(counts, own.of(sku), wanted.of(sku), shortage(detail, sku))) {
                return false;
            }
        }
        return true;
    }

    private static boolean agrees(Counts counts, int own, int wanted, Answer.@Nullable Shortage told) {
        long available = counts.available() + own;
        if (told == null) {
            return available >= wanted;
        }
        return available < wanted
                && told.requested() == wanted
                && told.available() == available
                && told.held() == counts.held() - own
                && told.soldOut() == (told.available() == 0 && told.held() == 0);
    }

    private static Answer.@Nullable Shortage shortage(Answer.Detail detail, String sku) {
        return detail.shortages().stream()
                .filter(shortage -> shortage.sku().equals(sku))
                .findFirst()
                .orElse(null);
    }

    private boolean isOver(Ask ask, Answer.Detail detail, long place) {
        if (replay.firstDueAt(place) <= replay.clockAt(place)) {
            return false;
        }
        String sku = detail.sku();
        Lines own = ownAt(ask, place);
        Lines wanted = wanted(ask);
        long mine = sku == null ? own.units() : own.of(sku);
        long more = sku == null ? wanted.units() : wanted.of(sku);
        long taken = replay.takenAt(customer(ask), sku, place) - mine;
        return more > mine
                && detail.taken() == taken
                && detail.limit() == limitAt(sku, place)
                && taken + more > detail.limit();
    }

    /** A cart that only shrinks is never refused. */
    private boolean grows(Ask ask, long place) {
        return wanted(ask).grownFrom(ownAt(ask, place));
    }

    private long limitAt(@Nullable String sku, long place) {
        LedgerLine.SaleSet policy = replay.saleAt(place);
        if (sku != null) {
            return skuLimits.getOrDefault(sku, 0);
        }
        return policy == null ? 0 : policy.customerLimit();
    }

    private String customer(Ask ask) {
        return switch (ask) {
            case Ask.Hold hold -> hold.customer();
            case Ask.OnReservation verb ->
                replay.reservation(verb.id()).getFirst().customer();
        };
    }

    private static Lines wanted(Ask ask) {
        return switch (ask) {
            case Ask.Hold hold -> hold.lines();
            case Ask.Replace replace -> replace.lines();
            case Ask.OnReservation verb -> Lines.NONE;
        };
    }

    private Lines ownAt(Ask ask, long place) {
        return ask instanceof Ask.Replace replace ? replay.linesAt(replace.id(), place) : Lines.NONE;
    }

    private String stateAt(long place) {
        LedgerLine.SaleSet policy = replay.saleAt(place);
        return policy == null ? "" : policy.state();
    }

    private boolean isClosed(long place) {
        LedgerLine.SaleSet policy = replay.saleAt(place);
        return policy != null && (policy.state().equals("closed") || policy.closesAtMs() > 0);
    }

    private long opensAt(long place) {
        LedgerLine.SaleSet policy = replay.saleAt(place);
        return policy == null ? 0 : policy.opensAtMs();
    }

    private String evidence(Operation operation, long place) {
        StringBuilder text = new StringBuilder();
        for (String sku : wanted(operation.ask()).bySku().keySet()) {
            text.append(sku).append(' ').append(replay.stockAt(sku, place)).append(' ');
        }
        return text.append("due first ")
                .append(replay.firstDueAt(place))
                .append(" at ")
                .append(replay.clockAt(place))
                .toString();
    }
}
