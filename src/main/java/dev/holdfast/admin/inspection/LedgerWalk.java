package dev.holdfast.admin.inspection;

import dev.holdfast.ledger.IncidentKind;
import dev.holdfast.ledger.InspectionBook;
import dev.holdfast.ledger.LedgerPage;
import dev.holdfast.ledger.LedgerPage.Break;
import dev.holdfast.ledger.LedgerPlace;
import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.Lane;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Walks the recorded ledger of a lane: each batch must follow from the one before it, the last one must be the one that the cursor was moved
 * with, and each reservation's row must be at least as far as each entry says.
 */
final class LedgerWalk implements Walk {

    /** Up to a thousand entries each. */
    private static final int BATCHES = 2;

    private final Lane lane;
    private final InspectionBook book;
    private final Duration ledgerKept;
    private LedgerPlace place = new LedgerPlace(0, 0);
    private @Nullable Buffer chain;

    /** @param ledgerKept as {@link #comparableFor} has it */
    LedgerWalk(Lane lane, InspectionBook book, Duration ledgerKept) {
        this.lane = lane;
        this.book = book;
        this.ledgerKept = ledgerKept;
    }

    /**
     * For how long after they were recorded an entry and its row say something about each other: they leave PostgreSQL on their own days, one
     * before the other.
     *
     * @param kept how long PostgreSQL keeps what has ended, and the ledger
     */
    static Duration comparableFor(Duration kept) {
        return kept.minusHours(2);
    }

    /**
     * A batch that does not follow; null for the end of the ledger, which is not the one that there must be.
     *
     * @param known whether somebody has looked at it: then it is no finding any more, and still it says nothing about rows
     */
    record Broken(@Nullable Break at, Buffer head, Buffer found, boolean known) {}

    /**
     * A part of the ledger.
     *
     * @param broken all of it that does not follow
     */
    record Stretch(LedgerPage page, List<Broken> broken) {

        boolean isSound(LedgerPage.Batch batch) {
            return broken.stream()
                    .map(Broken::at)
                    .noneMatch(at -> at != null && at.place().equals(batch.place()));
        }
    }

    /** The next part, up to {@code most} batches; without batches at the end. */
    Future<Stretch> next(int most) {
        return book.batches(lane, place, most).map(page -> new Stretch(page, broken(page)));
    }

    @Override
    public Future<Step> step() {
        return next(BATCHES).compose(stretch -> {
            List<Finding> findings = new ArrayList<>();
            stretch.broken().stream()
                    .filter(broken -> !broken.known())
                    .forEach(broken -> findings.add(finding(broken)));
            return ReservationLook.differing(book, lane, sound(stretch)).map(rows -> {
                rows.forEach(row -> findings.add(row.finding()));
                return new Step(
                        stretch.page().entries() / 4, findings, stretch.page().isLast());
            });
        });
    }

    /** The next break from here on, where all before it is whole; null where there is none. */
    Future<@Nullable Broken> nextBreak() {
        AtomicReference<@Nullable Broken> found = new AtomicReference<>();
        return AsyncLoop.whileTrue(() -> next(BATCHES).map(stretch -> {
                    stretch.broken().stream()
                            .filter(broken -> !broken.known())
                            .findFirst()
                            .ifPresent(found::set);
                    return found.get() == null && !stretch.page().isLast();
                }))
                .map(done -> found.get());
    }

    /**
     * Those of the next batches that follow from the one before them, and whose reservations have not left for their age; null at the end.
     */
    Future<@Nullable List<LedgerPage.Batch>> nextSound(int most) {
        return next(most).map(stretch -> stretch.page().isLast() ? null : sound(stretch));
    }

    /** A batch that was changed itself says nothing about rows, and neither does one whose reservations may have left for their age. */
    private List<LedgerPage.Batch> sound(Stretch stretch) {
        LedgerPage page = stretch.page();
        return page.batches().stream()
                .filter(batch -> stretch.isSound(batch) && page.nowMs() - batch.recordedAtMs() <= ledgerKept.toMillis())
                .toList();
    }

    /** Goes on from the end of the page. */
    private List<Broken> broken(LedgerPage page) {
        List<Broken> broken = new ArrayList<>();
        if (chain == null || isBefore(place, page.begin())) {
            // The days before were dropped meanwhile, or this is the first step.
            place = isBefore(place, page.begin()) ? page.begin() : place;
            chain = page.beginChain();
        }
        for (LedgerPage.Batch batch : page.batches()) {
            if (isBefore(batch.place(), page.begin()) || batch.place().equals(page.begin())) {
                place = batch.place();
                continue;
            }
            Break found = batch.breakAfter(Objects.requireNonNull(chain));
            if (found != null) {
                broken.add(new Broken(found, Buffer.buffer(), found.chain(), found.equals(batch.known())));
            }
            if (!batch.isBesideTheChain()) {
                chain = batch.chain() == null ? Buffer.buffer() : batch.chain();
            }
            place = batch.place();
        }
        Buffer head = page.head() == null ? Buffer.buffer() : page.head();
        if (page.isLast() && !head.equals(chain)) {
            broken.add(new Broken(null, head, Objects.requireNonNull(chain), false));
        }
        return broken;
    }

    private static boolean isBefore(LedgerPlace one, LedgerPlace other) {
        return one.epoch() != other.epoch() ? one.epoch() < other.epoch() : one.seq() < other.seq();
    }

    private static Finding finding(Broken broken) {
        Break at = broken.at();
        return at == null
                ? new Finding(
                        IncidentKind.LEDGER_DIFFERS,
                        "end",
                        0,
                        "the last batch of the ledger is not the one that was recorded last: batches at its end were deleted")
                : new Finding(
                        IncidentKind.LEDGER_DIFFERS,
                        at.place().toString(),
                        0,
                        "the batch at " + at.place()
                                + " does not follow from the one before it: it was changed, or one before it was deleted or changed");
    }
}
