package dev.holdfast.admin.preflight;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** May the lane sell? */
final class LaneCheck implements Check {

    @Override
    public List<Finding> findings(Evidence evidence) {
        return switch (evidence.listed().laneState()) {
            case PREPARING ->
                List.of(Finding.blocker(
                        "lane-preparing", "Redis does not have the sale yet; it is sent again by itself."));
            case RECOVERING -> List.of(recovering(evidence.facts().laneReason()));
            case FROZEN ->
                List.of(Finding.blocker(
                        "lane-frozen",
                        "The books do not add up, and nothing is sold until a person has looked: "
                                + evidence.facts().laneReason() + "."));
            case REBUILDING ->
                List.of(Finding.blocker(
                        "lane-rebuilding", "The sale is being written anew into Redis; it sells again by itself."));
            case RETIRED ->
                List.of(Finding.blocker("lane-retired", "The sale is over for good: Redis does not have it any more."));
            case OPEN ->
                evidence.laneOpen()
                        ? receiptsFirst(evidence.listed().receiptsFirstMs())
                        : List.of(recovering("it does not have the lane"));
        };
    }

    private static List<Finding> receiptsFirst(long leftMs) {
        return leftMs == 0
                ? List.of()
                : List.of(Finding.warning(
                                "receipts-first",
                                "Redis lost reservations that callers were told of by a node that is gone: until this is over only"
                                        + " their receipts take units, and new holds are answered 503.")
                        .with("secondsLeft", (leftMs + 999) / 1000));
    }

    private static Finding recovering(@Nullable String reason) {
        return Finding.blocker(
                "lane-recovering",
                "Redis lost the sale's history, and nothing is sold until it is rebuilt: " + reason + ".");
    }
}
