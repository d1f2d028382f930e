package dev.holdfast.admin;

import dev.holdfast.ledger.AdjustmentBook;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.SaleBook;
import dev.holdfast.ledger.SkuBook;
import dev.holdfast.redis.LaneSetup;
import dev.holdfast.reservation.Adjustment;
import dev.holdfast.reservation.AdjustmentDecision;
import dev.holdfast.reservation.Chunks;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LaneTrust;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.ListedSale.LaneState;
import dev.holdfast.reservation.SkuRules;
import dev.holdfast.reservation.SoldOutBoard;
import dev.holdfast.reservation.StaleLane;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import java.util.List;
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

    private final LaneSetup setup;
    private final LaneTrust trust;
    private final SaleBook book;
    private final SkuBook skus;
    private final AdjustmentBook adjustments;
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
    }

    /** Brings a sale's policy into force and, the first time, its lane to life. Fails with {@link Unavailable}. */
    public Future<Void> send(ListedSale listed) {
        boolean create = listed.laneState() == LaneState.PREPARING;
        Lane lane = listed.lane();
        return usable(listed)
                .compose(usable -> setup.setSale(lane, listed.sale(), create))
                .onComplete(set -> soldOut.wipe(lane))
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
                                .compose(lane -> setup.setStock(lane, some))
                                .onComplete(set -> soldOut.wipe(listed.lane()))
                                .compose(set -> skus.skusApplied(listed.sale().id(), some)))
                .recover(failure -> unavailable(listed.lane(), failure));
    }

    /** Brings an adjustment into force, unless Redis refuses it; what it decided is in the books then. Fails with {@link Unavailable}. */
    public Future<AdjustmentDecision> send(ListedSale listed, Adjustment adjustment) {
        return usable(listed)
                .compose(lane -> setup.adjust(lane, adjustment))
                .onComplete(decided -> soldOut.wipe(listed.lane()))
                .compose(decision -> settled(adjustment, decision).map(decision))
                .recover(failure -> unavailable(listed.lane(), failure));
    }

    /** Where PostgreSQL is away now, the ledger's entry or the next sending settles it. */
    private Future<Void> settled(Adjustment adjustment, AdjustmentDecision decision) {
        Future<Void> settled = switch (decision) {
            case AdjustmentDecision.Applied applied -> adjustments.applied(adjustment, applied.pendingReduction());
            case AdjustmentDecision.BelowUse use ->
                adjustments.refused(adjustment, "held " + use.held() + ", sold " + use.sold());
            case AdjustmentDecision.NotTheNext not ->
                adjustments.refused(adjustment, "Redis has version " + not.version());
            case AdjustmentDecision.DecidedBefore before -> Future.succeededFuture();
            case AdjustmentDecision.NoSuchSku none -> Future.succeededFuture();
        };
        return settled.recover(failure -> {
            LOG.info("adjustment {} is not settled in PostgreSQL yet: {}", adjustment.id(), failure.getMessage());
            return Future.succeededFuture();
        });
    }

    private Future<Lane> usable(ListedSale listed) {
        return switch (listed.laneState()) {
            case PREPARING -> Future.succeededFuture(listed.lane());
            case OPEN -> trust.require(listed.lane());
            case RECOVERING, FROZEN ->
                Future.failedFuture(
                        new StaleLane(listed.lane(), listed.laneState().name()));
        };
    }

    private static <T> Future<T> unavailable(Lane lane, Throwable failure) {
        return Future.failedFuture(
                failure instanceof StaleLane
                        ? new Unavailable(Unavailable.Reason.RECOVERING, "lane " + lane + " takes no changes", failure)
                        : failure);
    }
}
