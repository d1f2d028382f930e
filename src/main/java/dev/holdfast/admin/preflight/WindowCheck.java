package dev.holdfast.admin.preflight;

import dev.holdfast.reservation.Sale;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Will it be open, and for long enough? */
final class WindowCheck implements Check {

    /** A sale is not prepared earlier than that: the year may be mistyped. */
    private static final Duration FAR_AHEAD = Duration.ofDays(366);

    @Override
    public List<Finding> findings(Evidence evidence) {
        Sale sale = evidence.sale();
        List<Finding> findings = new ArrayList<>();
        switch (sale.state()) {
            case OPEN -> {}
            case PAUSED ->
                findings.add(
                        Finding.blocker("sale-paused", "The sale is paused: it sells nothing until it is resumed."));
            case CLOSED ->
                findings.add(Finding.blocker("sale-closed", "The sale was closed, and a closed sale stays closed."));
        }
        if (isOver(evidence)) {
            findings.add(Finding.blocker("window-over", "The sale's window is over: closesAt is in the past.")
                    .with("closedForSeconds", (evidence.nowMs() - sale.closesAtMs()) / 1000));
        } else if (sale.closesAtMs() != 0 && sale.holdMs() > windowMs(evidence)) {
            findings.add(Finding.warning(
                            "hold-longer-than-window",
                            "A hold lasts longer than the sale: what is held and not bought comes back when nobody can buy.")
                    .with("holdSeconds", sale.holdMs() / 1000)
                    .with("windowSeconds", windowMs(evidence) / 1000));
        }
        long opensInMs = sale.opensAtMs() - evidence.nowMs();
        if (opensInMs > FAR_AHEAD.toMillis()) {
            findings.add(Finding.warning("opens-late", "The sale opens in more than a year: is the date meant so?")
                    .with("opensInSeconds", opensInMs / 1000));
        }
        if (sale.rehearsal()) {
            findings.add(Finding.warning("rehearsal", "The sale is a rehearsal: admins may advance its clock.")
                    .with("clockOffsetSeconds", sale.clockOffsetMs() / 1000));
        }
        return findings;
    }

    private static boolean isOver(Evidence evidence) {
        long closesAtMs = evidence.sale().closesAtMs();
        return closesAtMs != 0 && closesAtMs <= evidence.nowMs();
    }

    private static long windowMs(Evidence evidence) {
        Sale sale = evidence.sale();
        return sale.closesAtMs() - (sale.opensAtMs() == 0 ? evidence.nowMs() : sale.opensAtMs());
    }
}
