package dev.holdfast.admin;

import dev.holdfast.ledger.AdjustmentBook;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.DatabaseBook;
import dev.holdfast.ledger.RecordedSkuRows;
import dev.holdfast.ledger.SaleBook;
import dev.holdfast.ledger.SkuBook;
import dev.holdfast.redis.LaneSetup;
import dev.holdfast.redis.LaneSetup.Setting;
import dev.holdfast.reservation.Adjustment;
import dev.holdfast.reservation.AdjustmentDecision;
import dev.holdfast.reservation.Chunks;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LaneTrust;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.ListedSale.LaneState;
import dev.holdfast.reservation.RecordedSkus;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import dev.holdfast.reservation.SoldOutBoard;
import dev.holdfast.reservation.StaleLane;
import dev.holdfast.reservation.Suspects;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries to Redis what PostgreSQL has decided, and notes in PostgreSQL that it arrived. Sending twice, late or in another
 * order changes nothing: the scripts apply only newer versions.
 */
public final class LaneSender {

    /** What a crash lets be sent once more. */
    private static final int SKUS_A_STATEMENT = 500;

    private static final Logger LOG = LoggerFactory.getLogger(LaneSender.class);

    /** Calls that are on their way together: each is short, and others' go between them. */
    private static final int AT_ONCE = 50;

    private final LaneSetup setup;
    private final LaneTrust trust;
    private final SaleBook book;
    private final SkuBook skus;
    private final AdjustmentBook adjustments;
    private final DatabaseBook database;
    private final RecordedSkus recorded;
    private final SoldOutBoard soldOut;

    /**
     * The trust belongs to the connection that the set-up uses.
     *
     * @param soldOut of this node: what was sold out under the rules before may be to be had under these
     */
    public LaneSender(LaneSetup setup, LaneTrust trust, Books books, SoldOutBoard soldOut) {
        this.setup = setup;
        this.trust = trust;
        this.soldOut = soldOut;
        this.book = books.sales();
        this.skus = books.skus();
        this.adjustments = books.adjustments();
        this.database = books.database();
        // What it was told a moment ago may have been before the SKU was set up.
        this.recorded = new RecordedSkuRows(books.postgres(), Duration.ZERO);
    }

    /** Brings a sale's policy into force and, the first time, its lane to life. Fails with {@link Unavailable}. */
    public Future<Void> send(ListedSale listed) {
        if (listed.laneState() == LaneState.RETIRED) {
            // Nobody goes by it any more: that it is stored is all.
            return book.saleApplied(listed.sale().id(), listed.sale().version());
        }
        boolean create = listed.laneState() == LaneState.PREPARING;
        Lane lane = listed.lane();
        return usable(listed)
                .compose(usable -> create ? unlessForgotten(lane) : Future.succeededFuture())
                .compose(usable -> setup.setSale(lane, listed.sale(), create))
                .onComplete(set -> soldOut.wipe(lane))
                .compose(set -> set == Setting.LATER_THERE ? unlessSomebodyElses(listed) : Future.succeededFuture())
                .compose(set -> create ? book.laneOpened(lane) : Future.succeededFuture())
                .compose(opened ->
                        book.saleApplied(listed.sale().id(), listed.sale().version()))
                .recover(failure -> unavailable(lane, failure));
    }

    /** Brings SKUs' rules into force and, the first time, their units on sale. Fails with {@link Unavailable}. */
    public Future<Void> send(ListedSale listed, List<SkuRules> rules) {
        return Chunks.inTurn(
                        rules,
                        SKUS_A_STATEMENT,
                        some -> usable(listed)
                                .compose(lane -> recorded.among(lane, skusOf(some))
                                        .compose(there -> setup.setStock(lane, some, there)))
                                .onComplete(set -> soldOut.wipe(listed.lane()))
                                .compose(later -> later.isEmpty()
                                        ? Future.succeededFuture()
                                        : unlessSomebodyElses(listed, some, later))
                                .compose(set -> skus.skusApplied(listed.sale().id(), some)))
                .recover(failure -> unavailable(listed.lane(), failure));
    }

    /** Brings an adjustment into force, unless Redis refuses it; what it decided is in the books then. Fails with {@link Unavailable}. */
    public Future<AdjustmentDecision> send(ListedSale listed, Adjustment adjustment) {
        return sendAll(listed, List.of(adjustment))
                .map(decisions -> decisions.values().iterator().next());
    }

    /** The same with many of different SKUs: some may be in force where it fails. */
    public Future<Map<Adjustment, AdjustmentDecision>> sendAll(ListedSale listed, List<Adjustment> adjustments) {
        Map<Adjustment, AdjustmentDecision> decisions = new LinkedHashMap<>();
        return usable(listed)
                .compose(lane -> Chunks.inTurn(adjustments, AT_ONCE, some -> decide(lane, some, decisions)))
                .onComplete(decided -> soldOut.wipe(listed.lane()))
                .compose(decided -> settled(decisions))
                .map(decisions)
                .recover(failure -> unavailable(listed.lane(), failure));
    }

    /** Redis has a later version than was sent: right where the books have one by now, too. Else nobody's change would ever count again. */
    private Future<Void> unlessSomebodyElses(ListedSale sent) {
        Lane lane = sent.lane();
        return book.refresh(lane.saleId()).compose(now -> {
            if (now.isPresent() && now.get().sale().version() > sent.sale().version()) {
                return Future.succeededFuture();
            }
            setup.suspects().add(new Suspects.Settings(lane));
            return Future.failedFuture(somebodyElses("the sale's settings", lane));
        });
    }

    private Future<Void> unlessSomebodyElses(ListedSale listed, List<SkuRules> sent, Set<Sku> later) {
        Lane lane = listed.lane();
        return skus.find(lane.saleId(), List.copyOf(later)).compose(now -> {
            List<SkuRules> wrong = sent.stream()
                    .filter(rules -> later.contains(rules.sku()))
                    .filter(rules -> !isLater(now.get(rules.sku()), rules))
                    .toList();
            wrong.forEach(rules -> setup.suspects().add(new Suspects.Rules(lane, rules.sku())));
            List<SkuRules> applied =
                    sent.stream().filter(rules -> !wrong.contains(rules)).toList();
            return wrong.isEmpty()
                    ? Future.succeededFuture()
                    : skus.skusApplied(lane.saleId(), applied)
                            .compose(marked -> Future.failedFuture(somebodyElses("rules of " + skusOf(wrong), lane)));
        });
    }

    private static boolean isLater(@Nullable SkuRules now, SkuRules sent) {
        return now != null && now.version() > sent.version();
    }

    private static Unavailable somebodyElses(String what, Lane lane) {
        return new Unavailable(
                Unavailable.Reason.RECOVERING,
                "Redis has " + what + " in a version that no admin made. An incident tells of it: repair that.",
                "lane " + lane + " has " + what + " in a version that no admin made",
                null);
    }

    private Future<Void> decide(
            Lane lane, List<Adjustment> adjustments, Map<Adjustment, AdjustmentDecision> decisions) {
        return Future.join(adjustments.stream()
                        .map(adjustment -> setup.adjust(lane, adjustment)
                                .onSuccess(decision -> decisions.put(adjustment, decision)))
                        .toList())
                .mapEmpty();
    }

    /** Where PostgreSQL is away now, the ledger's entry or the next sending settles it. */
    private Future<Void> settled(Map<Adjustment, AdjustmentDecision> decisions) {
        Map<Adjustment, Long> applied = new HashMap<>();
        List<Future<Void>> refused = new ArrayList<>();
        decisions.forEach((adjustment, decision) -> {
            switch (decision) {
                case AdjustmentDecision.Applied now -> applied.put(adjustment, now.pendingReduction());
                case AdjustmentDecision.BelowUse use ->
                    refused.add(adjustments.refused(adjustment, "held " + use.held() + ", sold " + use.sold()));
                case AdjustmentDecision.NotTheNext not ->
                    refused.add(adjustments.refused(adjustment, "Redis has version " + not.version()));
                case AdjustmentDecision.DecidedBefore before -> {}
                case AdjustmentDecision.NoSuchSku none -> {}
            }
        });
        Future<Void> settled = applied.isEmpty() ? Future.succeededFuture() : adjustments.applied(applied);
        return settled.compose(marked -> Future.join(refused).<Void>mapEmpty()).recover(failure -> {
            LOG.info("adjustments are not settled in PostgreSQL yet: {}", failure.getMessage());
            return Future.succeededFuture();
        });
    }

    private static List<Sku> skusOf(List<SkuRules> rules) {
        return rules.stream().map(SkuRules::sku).toList();
    }

    private Future<Lane> usable(ListedSale listed) {
        return switch (listed.laneState()) {
            case PREPARING -> Future.succeededFuture(listed.lane());
            case OPEN -> trust.require(listed.lane());
            case RECOVERING, FROZEN, REBUILDING, RETIRED ->
                Future.failedFuture(new StaleLane(
                        listed.lane(), "it is " + listed.laneState().word()));
        };
    }

    /** A database that was once found to be older than it was may have forgotten a sale; one that never was has none to forget. */
    private Future<Void> unlessForgotten(Lane lane) {
        return database.pulse()
                .compose(pulse -> pulse.life() == 1
                        ? Future.succeededFuture()
                        : setup.hasReservations(lane)
                                .compose(there -> there
                                        ? database.wasForgotten(lane)
                                                .compose(kept -> book.refresh(lane.saleId()))
                                                .compose(kept -> Future.failedFuture(
                                                        new StaleLane(lane, "it is " + LaneState.RECOVERING.word())))
                                        : Future.succeededFuture()));
    }

    private static <T> Future<T> unavailable(Lane lane, Throwable failure) {
        return Future.failedFuture(
                failure instanceof StaleLane
                        ? new Unavailable(Unavailable.Reason.RECOVERING, "lane " + lane + " takes no changes", failure)
                        : failure);
    }
}
