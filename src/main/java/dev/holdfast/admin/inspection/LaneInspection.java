package dev.holdfast.admin.inspection;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.Sale;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** One inspection of a lane: all walks, one after the other. */
final class LaneInspection {

    private final Lane lane;
    private final List<Supplier<Walk>> walks;
    private int walk;
    private boolean skipped;
    private Walk now;

    LaneInspection(ListedSale listed, Looks looks, Duration ledgerKept) {
        lane = listed.lane();
        LooseKeys loose = new LooseKeys();
        // What bought units came to is not kept any more for a sale that is closed: nobody is limited by it again.
        boolean countsBuyers = listed.sale().state() != Sale.Switch.CLOSED;
        Walk settings = () -> looks.settings().look(lane).map(found -> new Walk.Step(found.size(), found, true));
        Walk left = () -> loose.left(lane, looks.scan()).map(found -> new Walk.Step(found.size(), found, true));
        Walk nothing = () -> Future.succeededFuture(new Walk.Step(0, List.of(), true));
        walks = List.of(
                () -> settings,
                () -> new HoldWalk(lane, looks.scan(), looks.book(), looks.holds(), loose),
                () -> new DueWalk(lane, looks.scan(), loose),
                () -> new BookWalk(lane, looks, loose, ledgerKept, countsBuyers),
                () -> left,
                () -> countsBuyers ? new BuyerWalk(lane, looks.scan(), looks.buyers()) : nothing,
                () -> new StockWalk(lane, looks.scan(), looks.audits(), looks.stock()),
                () -> new LedgerWalk(lane, looks.book(), ledgerKept));
        now = walks.getFirst().get();
    }

    Lane lane() {
        return lane;
    }

    /** Takes the next step; the last one of the last walk ends it. Where it fails, {@link #skip} may go on with the next walk. */
    Future<Walk.Step> step() {
        return now.step().map(step -> step.ended() ? new Walk.Step(step.looked(), step.findings(), nextWalk()) : step);
    }

    /** Gives this walk up; whether it was the last. */
    boolean skip() {
        skipped = true;
        return nextWalk();
    }

    /** Whether all walks came to their end: only then what was not found is not there. */
    boolean isWhole() {
        return !skipped;
    }

    private boolean nextWalk() {
        walk++;
        if (walk < walks.size()) {
            now = walks.get(walk).get();
        }
        return walk == walks.size();
    }
}
