package dev.holdfast.admin.inspection;

import dev.holdfast.ledger.InspectionBook;
import dev.holdfast.ledger.LedgerPage;
import dev.holdfast.ledger.RecordedHold;
import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.Lane;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether the rows by which a buyer's units are counted are what the ledger says: else a repair of the count would give up the buyer's
 * limit. The ledger of the lane is read once, for all buyers. Lives on one event loop.
 */
final class RowsOfBuyers {

    private static final int BATCHES = 20;

    private final Lane lane;
    private final InspectionBook book;
    private final Duration ledgerKept;
    private final Map<String, String> contradicted = new HashMap<>();

    private RowsOfBuyers(Lane lane, InspectionBook book, Duration ledgerKept) {
        this.lane = lane;
        this.book = book;
        this.ledgerKept = ledgerKept;
    }

    /** Reads the ledger. Fails as PostgreSQL does. */
    static Future<RowsOfBuyers> read(Lane lane, InspectionBook book, Duration ledgerKept) {
        RowsOfBuyers rows = new RowsOfBuyers(lane, book, ledgerKept);
        LedgerWalk walk = new LedgerWalk(lane, book, ledgerKept);
        return AsyncLoop.whileTrue(() -> walk.nextSound(BATCHES)
                        .compose(batches -> batches == null
                                ? Future.succeededFuture(false)
                                : rows.add(batches).map(true)))
                .map(rows);
    }

    private Future<Void> add(List<LedgerPage.Batch> batches) {
        return ReservationLook.differing(book, lane, batches)
                .onSuccess(differing -> differing.forEach(one -> one.customers()
                        .forEach(customer ->
                                contradicted.put(customer, one.wanted().id().value()))))
                .mapEmpty();
    }

    /** A reservation of this customer of which row and ledger do not say the same; empty where there is none. */
    Future<Optional<String>> contradiction(String customer) {
        String known = contradicted.get(customer);
        if (known != null) {
            return Future.succeededFuture(Optional.of(known));
        }
        long now = System.currentTimeMillis();
        return book.ofCustomer(lane, customer)
                .compose(rows -> ReservationLook.contradicted(
                        book,
                        lane,
                        rows.stream().filter(row -> isKept(row, now)).toList()))
                .map(findings -> findings.stream().map(Finding::subject).findFirst());
    }

    private boolean isKept(RecordedHold row, long now) {
        return now - row.recordedAtMs() < ledgerKept.toMillis();
    }
}
