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
import dev.holdfast.metrics.Metrics;
import dev.holdfast.redis.LaneScan;
import dev.holdfast.redis.LaneScan.Part;
import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.Identifiers;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LaneTrust;
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
    private final RowRepairs rows;
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
        this.rows = new RowRepairs(looks, stream);
        this.counts = new CountRepairs(vertx, stream, scan, books, metrics);
        this.trust = trust;
        this.directory = books.sales();
        this.incidents = books.incidents();
        this.lock = lock;
        this.ledgerKept = LedgerWalk.comparableFor(ledgerKept);
    }

    /** What came of a repair. */
    public sealed interface Outcome {

        /** All of it is mended: the incident is resolved; {@code concluded} for people, empty where there is nothing to say. */
        record Repaired(Incident incident, String concluded) implements Outcome {}

        /** It could not be mended so; {@code why} for people. */
        record NotRepaired(Incident incident, String why) implements Outcome {}

        /** Nobody knows the incident. */
        record NoSuchIncident() implements Outcome {}
    }

    /**
     * Mends what the incident tells of, and resolves it for the action's reason. One that is resolved stays as it is. Fails with
     * {@link Unavailable}, and as the sale's lock does.
     *
     * @param from whom to believe about a reservation where a repair cannot tell by itself; null where nobody has decided
     */
    public Future<Outcome> repair(long incidentId, @Nullable RepairSource from, AdminAction action) {
        return incidents.find(incidentId).compose(found -> {
            if (found.isEmpty()) {
                return Future.succeededFuture(new Outcome.NoSuchIncident());
            }
            Incident incident = found.get();
            Optional<IncidentKind> kind = IncidentKind.ofWord(incident.kind()).filter(Repairs::isRepairable);
            String sale = incident.saleId();
            if (incident.state() == Incident.State.RESOLVED) {
                return Future.succeededFuture(new Outcome.Repaired(incident, ""));
            }
            if (kind.isEmpty() || sale == null) {
                return Future.succeededFuture(new Outcome.NotRepaired(incident, incident.whatToDo()));
            }
            SaleId saleId = new SaleId(sale);
            return lock.within(saleId, action, fenced -> repair(incident, kind.get(), saleId, from, fenced));
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

    private Future<Outcome> repair(
            Incident incident, IncidentKind kind, SaleId saleId, @Nullable RepairSource from, AdminAction action) {
        return directory
                .refresh(saleId)
                .compose(listed -> {
                    if (listed.isEmpty() || listed.get().laneState() != LaneState.OPEN) {
                        return Future.<Mending>failedFuture(new Unavailable(
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
                            .compose(lane -> new Mender(lane, sale, from, reason(action))
                                    .mend(kind, incident.subject())
                                    .compose(mending -> mending.done()
                                            ? Future.succeededFuture(mending)
                                            : whyNot(lane, kind, incident.subject(), mending.told())));
                })
                .compose(mending -> mending.done()
                        ? incidents
                                .resolve(action, incident.id(), mending.told())
                                .map(resolved -> new Outcome.Repaired(resolved.orElse(incident), mending.told()))
                        : Future.succeededFuture(new Outcome.NotRepaired(incident, mending.told())));
    }

    /** In a sentence or two, for people. */
    private Future<Mending> whyNot(Lane lane, IncidentKind kind, @Nullable String subject, String told) {
        if (!told.isEmpty()) {
            return Future.succeededFuture(Mending.not("It was not mended. " + told));
        }
        boolean isOfHolds = kind == IncidentKind.HOLD_DIFFERS || kind == IncidentKind.DUE_DIFFERS;
        if (isOfHolds
                && subject != null
                && Identifiers.isReservationId(subject)
                && new ReservationId(subject).isOfOneMoment()) {
            return looks.holds()
                    .whyNot(lane, new ReservationId(subject), ledgerKept)
                    .map(why -> Mending.not("It was not mended. " + why));
        }
        return (kind == IncidentKind.STOCK_DIFFERS && subject != null
                        ? counts.doubt(lane, new Sku(subject))
                        : Future.succeededFuture(Optional.<String>empty()))
                .map(doubt -> Mending.not(doubt.orElse(
                        "It was not mended: what it is about changes all the while, or the books do not have what must be written."
                                + " Try again; where that does not help, ask for a rebuild of the sale.")));
    }

    private static String reason(AdminAction action) {
        return Objects.requireNonNullElse(action.reason(), "");
    }

    /** Mends things of one lane, for one person's reason. */
    private final class Mender {

        private final Lane lane;
        private final ListedSale listed;
        private final @Nullable RepairSource from;
        private final String reason;
        private @Nullable RowsOfBuyers rowsOfBuyers;

        private Mender(Lane lane, ListedSale listed, @Nullable RepairSource from, String reason) {
            this.lane = lane;
            this.listed = listed;
            this.from = from;
            this.reason = reason;
        }

        private Future<Mending> mend(IncidentKind kind, @Nullable String subject) {
            if (subject == null) {
                return mendAll(kind);
            }
            return switch (kind) {
                case STOCK_DIFFERS -> counts.repair(lane, new Sku(subject)).map(Mending::of);
                case RULES_DIFFER ->
                    looks.stock().repair(lane, new Sku(subject)).map(Mending::of);
                case SETTINGS_DIFFER -> looks.settings().repair(lane).map(Mending::of);
                case HOLD_DIFFERS, DUE_DIFFERS -> hold(subject);
                case BUYER_DIFFERS -> buyer(subject);
                case RESERVATION_DIFFERS -> rows.repair(lane, new ReservationId(subject), from);
                case LEDGER_DIFFERS -> ledger().map(Mending::of);
                default -> Future.succeededFuture(Mending.of(false));
            };
        }

        /** Walks the lane once more and mends each of the kind as it comes; why the first of them is not mended, where one is not. */
        private Future<Mending> mendAll(IncidentKind kind) {
            if (kind == IncidentKind.STOCK_DIFFERS) {
                return mendAllCounts().map(Mending::of);
            }
            LaneInspection inspection = new LaneInspection(listed, looks, ledgerKept);
            AtomicReference<Mending> all = new AtomicReference<>(Mending.of(true));
            return AsyncLoop.whileTrue(() -> inspection.step().compose(step -> {
                        Iterator<Finding> each = step.findings().stream()
                                .filter(finding -> finding.kind() == kind)
                                .iterator();
                        return AsyncLoop.whileTrue(() -> each.hasNext()
                                        ? mend(kind, each.next().subject())
                                                .onSuccess(mending ->
                                                        all.set(all.get().done() ? mending : all.get()))
                                                .map(true)
                                        : Future.succeededFuture(false))
                                .map(!step.ended());
                    }))
                    .map(done -> all.get().done() ? Mending.of(true) : all.get());
        }

        private Future<Boolean> mendAllCounts() {
            AtomicReference<String> after = new AtomicReference<>("");
            AtomicLong left = new AtomicLong();
            return AsyncLoop.whileTrue(() -> looks.audits()
                            .slices(List.of(new AuditBook.SliceAfter(lane, after.get())), LaneScan.MOST_SKUS)
                            .compose(slices -> {
                                if (slices.isEmpty()
                                        || slices.getFirst().counts().isEmpty()) {
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

        /**
         * By the whole id, or by the key alone, where it is not known which reservation that was. What Redis has under a name that is no
         * reservation's key goes first: it holds nothing.
         */
        private Future<Mending> hold(String subject) {
            boolean isId = Identifiers.isReservationId(subject);
            if (isId && subject.length() == ReservationId.KEY_LENGTH) {
                return holdById(subject);
            }
            return looks.scan().show(lane, Part.HOLDS, List.of(subject)).compose(shown -> {
                LaneScan.Entry found = shown.entries().getFirst();
                boolean isThere = found.value() != null || found.due() != null;
                Future<Boolean> gone = isThere ? remove(found) : Future.succeededFuture(true);
                return gone.compose(removed -> {
                    if (!removed || !isId || !new ReservationId(subject).isOfOneMoment()) {
                        return Future.succeededFuture(new Mending(removed, removed && isThere ? noKey(subject) : ""));
                    }
                    return holdById(subject)
                            .map(mended -> mended.done() && isThere ? Mending.done(noKey(subject)) : mended);
                });
            });
        }

        private static String noKey(String name) {
            return "what Redis had under " + name + " was removed: that is no reservation's key, so it held nothing";
        }

        private Future<Mending> holdById(String subject) {
            ReservationId id = new ReservationId(subject);
            return id.isOfOneMoment()
                    ? hold(id)
                    : looks.book()
                            .anyOfKey(lane, id.key())
                            .compose(found -> found.isPresent()
                                    ? hold(found.get())
                                    : removeKey(id.key()).map(Mending::of));
        }

        private Future<Mending> hold(ReservationId id) {
            return from == null
                    ? looks.holds().repair(lane, id, ledgerKept).map(Mending::of)
                    : rows.repair(lane, id, from)
                            .compose(decided -> decided.done()
                                    ? looks.holds()
                                            .repair(lane, id, ledgerKept)
                                            .map(mended -> new Mending(mended, mended ? decided.told() : ""))
                                    : Future.succeededFuture(decided));
        }

        /** No reservation of the books, held or ended, has this key. */
        private Future<Boolean> removeKey(String key) {
            return looks.scan()
                    .show(lane, Part.HOLDS, List.of(key))
                    .compose(shown -> remove(shown.entries().getFirst()));
        }

        private Future<Boolean> remove(LaneScan.Entry entry) {
            return looks.scan()
                    .repair(lane, Part.HOLDS, List.of(new LaneScan.Repair(entry.name(), entry.value(), null, null)));
        }

        /** The rows say how many units a buyer has: not while one of them is not what the ledger says. */
        private Future<Mending> buyer(String customer) {
            return rowsOfBuyers()
                    .compose(known -> known.contradiction(customer))
                    .compose(contradicted -> contradicted.isPresent()
                            ? Future.succeededFuture(Mending.not("The row of reservation " + contradicted.get()
                                    + " in PostgreSQL is not what the ledger says, and the units of customer "
                                    + customer
                                    + " are summed by such rows. Repair its incident reservation-differs first, which comes with the next"
                                    + " inspection, then this one."))
                            : looks.buyers().repair(lane, customer).map(Mending::of));
        }

        private Future<RowsOfBuyers> rowsOfBuyers() {
            RowsOfBuyers known = rowsOfBuyers;
            return known != null
                    ? Future.succeededFuture(known)
                    : RowsOfBuyers.read(lane, looks.book(), ledgerKept).onSuccess(read -> rowsOfBuyers = read);
        }

        /** Every break there is: what is there now is what is to stay. */
        private Future<Boolean> ledger() {
            AtomicReference<Boolean> whole = new AtomicReference<>(true);
            return AsyncLoop.whileTrue(() -> new LedgerWalk(lane, looks.book(), ledgerKept)
                            .nextBreak()
                            .compose(broken -> {
                                if (broken == null) {
                                    return Future.succeededFuture(false);
                                }
                                LedgerPage.Break at = broken.at();
                                return at != null
                                        ? looks.book()
                                                .noteBreak(lane, at, reason)
                                                .map(true)
                                        : looks.book()
                                                .noteHead(lane, broken.found(), broken.head())
                                                .onSuccess(whole::set);
                            }))
                    .map(done -> whole.get());
        }
    }
}
