package dev.holdfast.admin.inspection;

import dev.holdfast.redis.LaneScan;
import dev.holdfast.reservation.Lane;
import io.vertx.core.Future;
import java.util.List;

/** Walks what is due, now or later: each entry must have a reservation. */
final class DueWalk implements Walk {

    /** Those with a hold are not told. */
    private static final int DUE_A_STEP = 50;

    private final Lane lane;
    private final LaneScan scan;
    private final LooseKeys loose;
    private String cursor = LaneScan.START;

    DueWalk(Lane lane, LaneScan scan, LooseKeys loose) {
        this.lane = lane;
        this.scan = scan;
        this.loose = loose;
    }

    @Override
    public Future<Step> step() {
        return scan.walkDue(lane, cursor).map(step -> {
            step.entries().forEach(loose::add);
            cursor = step.next();
            return new Step(DUE_A_STEP, List.of(), step.isLast());
        });
    }
}
