package dev.holdfast.admin.inspection;

import dev.holdfast.admin.CountRepairs;
import dev.holdfast.admin.SaleLock;
import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.AuditBook;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.Incident;
import dev.holdfast.ledger.IncidentKind;
import dev.holdfast.ledger.Incidents;
import dev.holdfast.ledger.InspectionBook;
import dev.holdfast.ledger.LedgerPage;
import dev.holdfast.ledger.LedgerPlace;
import dev.holdfast.ledger.RecordedHold;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.redis.LaneScan;
import dev.holdfast.redis.LaneScan.Part;
import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LaneTrust;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.ListedSale.LaneState;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.SaleDirectory;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StaleLane;
import dev.holdfast.reservation.StockCount;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Mends what an incident tells of: Redis gets what the books say, the books get what the ledger says, and never the other way round. Nothing
 * is written that has changed since it was seen. To be used on the event loop of its connection.
 */
public final class Repairs {

    private final Looks looks;
    private final CountRepairs counts;
    private final LaneTrust trust;
    private final SaleDirectory directory;
    private final Incidents incidents;
    private final SaleLock lock;
    private final Duration ledgerKept;

    /** The trust belongs to the connection that stream and scan use. */
    public Repairs(
            Vertx vertx,
            LaneScan scan,
            LedgerStream stream,
            LaneTrust trust,
            Books books,
            InspectionBook book,
            SaleLock lock,
            Metrics metrics,
            Duration ledgerKept) {
        this.looks = Looks.over(vertx, scan, stream, books, book);
        this.counts = new CountRepairs(vertx, stream, scan, books, metrics);
        this.trust = trust;
        this.directory = books.sales();
        this.incidents = books.incidents();
        this.lock = lock;
        this.ledgerKept = LedgerWalk.comparableFor(ledgerKept);
    }

    /** What came of a repair. */
    public sealed interface Outcome {

        /** All of it is mended: the incident is resolved. */
        record Repaired(Incident incident) implements Outcome {}

        /** It could not be mended so; {@code why} for people. */
        record NotRepaired(Incident incident, String why) implements Outcome {}

        /** Nobody knows the incident. */
        record NoSuchIncident() implements Outcome {}
    }

    /**
     * Mends what the incident tells of, and resolves it for the action's reason. One that is resolved stays as it is. Fails with
     * {@link Unavailable}, and as the sale's lock does.
     */
    public Future<Outcome> repair(long incidentId, AdminAction action) {
        return incidents.find(incidentId).compose(found -> {
            if (found.isEmpty()) {
                return Future.succeededFuture(new Outcome.NoSuchIncident());
            }
            Incident incident = found.get();
            Optional<IncidentKind> kind = IncidentKind.ofWord(incident.kind()).filter(Repairs::isRepairable);
            String sale = incident.saleId();
            if (incident.state() == Incident.State.RESOLVED) {
                return Future.succeededFuture(new Outcome.Repaired(incident));
            }
            if (kind.isEmpty() || sale == null) {
                return Future.succeededFuture(new Outcome.NotRepaired(incident, incident.whatToDo()));
            }
            SaleId saleId = new SaleId(sale);
            return lock.within(saleId, action, fenced -> repair(incident, kind.get(), saleId, fenced));
        });
    }

    private static boolean isRepairable(IncidentKind kind) {
        return switch (kind) {
            case STOCK_DIFFERS,
                    RULES_DIFFER,
                    SETTINGS_DIFFER,
                    HOLD_DIFFERS,
                    DUE_DIFFERS,
                    BUYER_DIFFERS,
                    RESERVATION_DIFFERS,
                    LEDGER_DIFFERS -> true;
            default -> false;
        };
    }

    private Future<Outcome> repair(Incident incident, IncidentKind kind, SaleId saleId, AdminAction action) {
        return directory
                .refresh(saleId)
                .compose(listed -> {
                    if (listed.isEmpty() || listed.get().laneState() != LaneState.OPEN) {
                        return Future.<String>failedFuture(new Unavailable(
                                Unavailable.Reason.RECOVERING, "sale " + saleId + " has no open lane to repair", null));
                    }
                    ListedSale sale = listed.get();
                    return trust.require(sale.lane())
                            .recover(failure -> Future.failedFuture(
                                    failure instanceof StaleLane
                                            ? new Unavailable(
                                                    Unavailable.Reason.RECOVERING,
                                                    "sale " + saleId + " has no usable lane",
                                                    failure)
                                            : failure))
                            .compose(lane -> mend(lane, sale, kind, incident.subject(), reason(action))
                                    .compose(mended -> mended
                                            ? Future.succeededFuture("")
                                            : whyNot(lane, kind, incident.subject())));
                })
                .compose(whyNot -> whyNot.isEmpty()
                        ? incidents
                                .resolve(action, incident.id())
                                .map(resolved -> new Outcome.Repaired(resolved.orElse(incident)))
                        : Future.succeededFuture(new Outcome.NotRepaired(incident, whyNot)));
    }

    /** In a sentence or two, for people. */
    private Future<String> whyNot(Lane lane, IncidentKind kind, @Nullable String subject) {
        boolean isOfHolds = kind == IncidentKind.HOLD_DIFFERS || kind == IncidentKind.DUE_DIFFERS;
        if (isOfHolds && subject != null && new ReservationId(subject).isOfOneMoment()) {
            return looks.holds()
                    .whyNot(lane, new ReservationId(subject), ledgerKept)
                    .map(why -> "It was not mended. " + why);
        }
        if (kind == IncidentKind.RESERVATION_DIFFERS && subject != null) {
            return looks.holds()
                    .isTheSameOnBothSides(lane, new ReservationId(subject))
                    .map(same -> "It was not mended. "
                            + (same
                                    ? "Redis and the row in PostgreSQL say the same of it, and the ledger says something else: somebody changed the"
                                            + " ledger, and the row is left as it is. Resolve this incident when you have looked at it."
                                    : "The ledger does not have it, or it changes all the while. Try again; where that does not help, ask for a"
                                            + " rebuild of the sale."));
        }
        return (kind == IncidentKind.STOCK_DIFFERS && subject != null
                        ? counts.doubt(lane, new Sku(subject))
                        : Future.succeededFuture(Optional.<String>empty()))
                .map(doubt -> doubt.orElse(
                        "It was not mended: what it is about changes all the while, or the books do not have what must be written."
                                + " Try again; where that does not help, ask for a rebuild of the sale."));
    }

    private static String reason(AdminAction action) {
        return Objects.requireNonNullElse(action.reason(), "");
    }

    private Future<Boolean> mend(
            Lane lane, ListedSale listed, IncidentKind kind, @Nullable String subject, String reason) {
        if (subject == null) {
            return mendAll(lane, listed, kind, reason);
        }
        return switch (kind) {
            case STOCK_DIFFERS -> counts.repair(lane, new Sku(subject));
            case RULES_DIFFER -> looks.stock().repair(lane, new Sku(subject));
            case SETTINGS_DIFFER -> looks.settings().repair(lane);
            case HOLD_DIFFERS, DUE_DIFFERS -> hold(lane, subject);
            case BUYER_DIFFERS -> looks.buyers().repair(lane, subject);
            case RESERVATION_DIFFERS -> reservation(lane, new ReservationId(subject));
            case LEDGER_DIFFERS -> ledger(lane, reason);
            default -> Future.succeededFuture(false);
        };
    }

    /** Walks the lane once more and mends each of the kind as it comes. */
    private Future<Boolean> mendAll(Lane lane, ListedSale listed, IncidentKind kind, String reason) {
        if (kind == IncidentKind.STOCK_DIFFERS) {
            return mendAllCounts(lane);
        }
        LaneInspection inspection = new LaneInspection(listed, looks, ledgerKept);
        AtomicReference<Boolean> all = new AtomicReference<>(true);
        return AsyncLoop.whileTrue(() -> inspection.step().compose(step -> {
                    Iterator<Finding> each = step.findings().stream()
                            .filter(finding -> finding.kind() == kind)
                            .iterator();
                    return AsyncLoop.whileTrue(() -> each.hasNext()
                                    ? mend(lane, listed, kind, each.next().subject(), reason)
                                            .onSuccess(mended -> all.set(all.get() && mended))
                                            .map(true)
                                    : Future.succeededFuture(false))
                            .map(!step.ended());
                }))
                .map(done -> all.get());
    }

    private Future<Boolean> mendAllCounts(Lane lane) {
        AtomicReference<String> after = new AtomicReference<>("");
        AtomicLong left = new AtomicLong();
        return AsyncLoop.whileTrue(() -> looks.audits()
                        .slices(List.of(new AuditBook.SliceAfter(lane, after.get())), LaneScan.MOST_SKUS)
                        .compose(slices -> {
                            if (slices.isEmpty() || slices.getFirst().counts().isEmpty()) {
                                return Future.succeededFuture(false);
                            }
                            List<Sku> skus = slices.getFirst().counts().stream()
                                    .map(StockCount::sku)
                                    .toList();
                            after.set(skus.getLast().value());
                            return counts.repairAll(lane, skus)
                                    .onSuccess(left::addAndGet)
                                    .map(true);
                        }))
                .map(done -> left.get() == 0);
    }

    /** By the whole id, or by the key alone, where it is not known which reservation that was. */
    private Future<Boolean> hold(Lane lane, String subject) {
        ReservationId id = new ReservationId(subject);
        return id.isOfOneMoment()
                ? looks.holds().repair(lane, id, ledgerKept)
                : looks.book()
                        .anyOfKey(lane, id.key())
                        .compose(found -> found.isPresent()
                                ? looks.holds().repair(lane, found.get(), ledgerKept)
                                : removeKey(lane, id.key()));
    }

    /** No reservation of the books, held or ended, has this key. */
    private Future<Boolean> removeKey(Lane lane, String key) {
        return looks.scan()
                .show(lane, Part.HOLDS, List.of(key))
                .compose(shown -> looks.scan()
                        .repair(
                                lane,
                                Part.HOLDS,
                                List.of(new LaneScan.Repair(
                                        key, shown.entries().getFirst().value(), null, null))));
    }

    /** Not where Redis says what the row says: then it is the ledger that somebody changed. */
    private Future<Boolean> reservation(Lane lane, ReservationId id) {
        return looks.holds()
                .isTheSameOnBothSides(lane, id)
                .compose(same -> same ? Future.succeededFuture(false) : rowByLedger(lane, id));
    }

    /** The row as the last entry of the reservation has it, wherever in the ledger that is. */
    private Future<Boolean> rowByLedger(Lane lane, ReservationId id) {
        AtomicReference<LedgerPlace> place = new AtomicReference<>(new LedgerPlace(0, 0));
        AtomicReference<@Nullable Last> last = new AtomicReference<>();
        return AsyncLoop.whileTrue(() -> looks.book()
                        .batches(lane, place.get(), 2)
                        .map(page -> {
                            page.batches().forEach(batch -> {
                                place.set(batch.place());
                                Last found = lastOf(batch, id);
                                Last before = last.get();
                                if (found != null
                                        && (before == null
                                                || before.transition().revision()
                                                        <= found.transition().revision())) {
                                    last.set(found);
                                }
                            });
                            return !page.isLast();
                        }))
                .compose(walked -> {
                    Last found = last.get();
                    return found == null
                            ? Future.succeededFuture(false)
                            : looks.book()
                                    .holds(lane, List.of(id))
                                    .compose(books -> looks.book()
                                            .rewrite(
                                                    lane,
                                                    found.place(),
                                                    found.transition().after(),
                                                    isWrong(books.byId().get(id), found.transition())))
                                    .map(true);
                });
    }

    private record Last(LedgerPlace place, Transition transition) {}

    private static @Nullable Last lastOf(LedgerPage.Batch batch, ReservationId id) {
        Last last = null;
        for (LedgerEntry entry : batch.entries()) {
            if (entry instanceof Transition transition && transition.id().equals(id)) {
                last = new Last(new LedgerPlace(batch.place().epoch(), transition.seq()), transition);
            }
        }
        return last;
    }

    private static boolean isWrong(@Nullable RecordedHold row, Transition last) {
        return row != null
                && row.reservation().revision() >= last.revision()
                && !row.reservation().equals(last.after());
    }

    /** Every break there is: what is there now is what is to stay. */
    private Future<Boolean> ledger(Lane lane, String reason) {
        AtomicReference<Boolean> whole = new AtomicReference<>(true);
        return AsyncLoop.whileTrue(() -> new LedgerWalk(lane, looks.book(), ledgerKept)
                        .nextBreak()
                        .compose(broken -> {
                            if (broken == null) {
                                return Future.succeededFuture(false);
                            }
                            LedgerPage.Break at = broken.at();
                            return at != null
                                    ? looks.book().noteBreak(lane, at, reason).map(true)
                                    : looks.book()
                                            .noteHead(lane, broken.found(), broken.head())
                                            .onSuccess(whole::set);
                        }))
                .map(done -> whole.get());
    }
}
