package dev.holdfast.redis;

import dev.holdfast.reservation.Adjustment;
import dev.holdfast.reservation.AdjustmentDecision;
import dev.holdfast.reservation.Chunks;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import dev.holdfast.reservation.StaleLane;
import dev.holdfast.reservation.Suspects;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Carries what an admin set up into Redis. A later version never gives way to an earlier one, so that repeating is safe. */
public final class LaneSetup {

    /** Each call keeps buyers waiting for less than a millisecond of Redis. */
    private static final int SKUS_A_CALL = 20;

    private final ScriptCalls calls;

    /** To be used on the event loop of its connection. */
    public LaneSetup(ScriptCalls calls) {
        this.calls = calls;
    }

    /**
     * Brings the sale's policy, window, state and clock into force. Fails with {@link StaleLane} and {@link Unavailable}.
     *
     * @param create whether the lane may begin its epoch with this: only once in an epoch, or a lost lane would come back
     *     with full shelves
     */
    public Future<Setting> setSale(Lane lane, Sale sale, boolean create) {
        return calls.call(
                        Script.SET_SALE,
                        lane,
                        create ? "1" : "0",
                        Long.toString(sale.version()),
                        sale.state().word(),
                        Long.toString(sale.opensAtMs()),
                        Long.toString(sale.closesAtMs()),
                        Long.toString(sale.holdMs()),
                        Long.toString(sale.maxHoldMs()),
                        Long.toString(sale.perCustomerLimit()),
                        Long.toString(sale.clockOffsetMs()))
                .map(reply -> setting(reply, sale.version()));
    }

    /** Where to tell what was met in Redis and makes no sense. */
    public Suspects suspects() {
        return calls.witnesses().suspects();
    }

    /**
     * Whether Redis has reservations of this lane, of whichever life, or units that buyers have: purchases stay counted when their
     * reservations have left. Fails with {@link Unavailable}.
     */
    public Future<Boolean> hasReservations(Lane lane) {
        LaneKeys keys = LaneKeys.of(lane);
        return calls.redis()
                .send(
                        "looking for lane " + lane,
                        Effect.READS,
                        commands -> commands.exists(keys.holds(), keys.buyers()))
                .map(there -> there > 0);
    }

    /**
     * Puts a SKU up for sale, or brings newer rules of it into force; its capacity counts only the first time. Fails with
     * {@link StaleLane} and {@link Unavailable}.
     */
    public Future<Setting> setStock(Lane lane, SkuRules rules) {
        return setStock(lane, rules, true);
    }

    /**
     * As {@link #setStock(Lane, SkuRules)} for all of these, in calls for twenty that wait for each other: buyers come in between. Answers those
     * of which Redis has a later version.
     *
     * @param there those that the books have counts of: where Redis lost them they must not come back with all of their units
     */
    public Future<Set<Sku>> setStock(Lane lane, List<SkuRules> all, Set<Sku> there) {
        Set<Sku> later = new HashSet<>();
        return Chunks.inTurn(
                        all,
                        SKUS_A_CALL,
                        some -> Future.all(some.stream()
                                        .map(rules -> setStock(lane, rules, !there.contains(rules.sku()))
                                                .onSuccess(setting -> {
                                                    if (setting == Setting.LATER_THERE) {
                                                        later.add(rules.sku());
                                                    }
                                                }))
                                        .toList())
                                .mapEmpty())
                .map(later);
    }

    private Future<Setting> setStock(Lane lane, SkuRules rules, boolean mayBeNew) {
        String productId = rules.productId();
        return calls.call(
                        Script.SET_STOCK,
                        lane,
                        rules.sku().value(),
                        Long.toString(rules.version()),
                        Long.toString(rules.capacity()),
                        Long.toString(rules.perCustomerLimit()),
                        productId == null ? "" : productId,
                        mayBeNew ? "1" : "0")
                .compose(reply -> reply.word().equals("UNKNOWN_SKU")
                        ? countsLost(lane, rules.sku())
                        : Future.succeededFuture(setting(reply, rules.version())));
    }

    private Future<Setting> countsLost(Lane lane, Sku sku) {
        calls.witnesses().suspects().add(new Suspects.Counts(lane, sku));
        return Future.failedFuture(new Unavailable(
                Unavailable.Reason.RECOVERING, "Redis lost the counts of " + sku + " of lane " + lane, null));
    }

    /** Changes a SKU's capacity, once however often this is asked. Fails with {@link StaleLane} and {@link Unavailable}. */
    public Future<AdjustmentDecision> adjust(Lane lane, Adjustment adjustment) {
        return calls.call(
                        Script.ADJUST,
                        lane,
                        adjustment.sku().value(),
                        Long.toString(adjustment.number()),
                        adjustment.id(),
                        Long.toString(adjustment.version()),
                        Long.toString(adjustment.after()),
                        adjustment.allowBelowHeld() ? "1" : "0")
                .compose(reply -> reply.word().equals("MORE_DUE")
                        ? adjust(lane, adjustment)
                        : Future.succeededFuture(decision(reply)));
    }

    private static AdjustmentDecision decision(Reply reply) {
        return switch (reply.word()) {
            case "ADJUSTED" -> new AdjustmentDecision.Applied(reply.number(1));
            case "BELOW_USE" -> new AdjustmentDecision.BelowUse(reply.number(1), reply.number(2));
            case "VERSION_CONFLICT" -> new AdjustmentDecision.NotTheNext(reply.number(1));
            case "OUTDATED" -> new AdjustmentDecision.DecidedBefore();
            case "UNKNOWN_SKU" -> new AdjustmentDecision.NoSuchSku();
            default -> throw reply.unreadable();
        };
    }

    private static Setting setting(Reply reply, long version) {
        return switch (reply.word()) {
            case "APPLIED" -> Setting.APPLIED;
            case "OUTDATED" -> reply.number(1) > version ? Setting.LATER_THERE : Setting.OUTDATED;
            default -> throw reply.unreadable();
        };
    }

    /** What became of a version. */
    public enum Setting {
        /** It is in force. */
        APPLIED,
        /** It was there already. */
        OUTDATED,
        /** A later version is there: an admin's, or somebody wrote to Redis. */
        LATER_THERE
    }
}
