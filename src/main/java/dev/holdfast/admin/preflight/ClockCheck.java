package dev.holdfast.admin.preflight;

import java.util.List;

/** Does the sale go by Redis's clock? */
final class ClockCheck implements Check {

    @Override
    public List<Finding> findings(Evidence evidence) {
        long lagMs = evidence.redis().lagMs();
        return lagMs == 0
                ? List.of()
                : List.of(Finding.warning(
                        "clock-moved",
                        "Redis's clock was moved. The sale's own clock is " + Math.abs(lagMs) + " ms "
                                + (lagMs > 0 ? "behind" : "ahead of")
                                + " it, so that no hold ends early: the sale opens and closes by its own clock."));
    }
}
