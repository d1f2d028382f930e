package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The append-only history. */
final class LedgerRows {

    /** An event that is known from another epoch is left out: it has been counted. */
    private static final String APPEND = """
            insert into ledger (sale_id, lane, epoch, seq, op, at, reservation_id, held_at, revision, customer_id, entry)
            select $1, $2, $3, e.seq, e.op, e.at, e.reservation_id, e.held_at, e.revision, e.customer_id, e.entry
            from unnest($4::bigint[], $5::text[], $6::timestamptz[], $7::text[], $8::timestamptz[], $9::bigint[],
                        $10::text[], $11::text[])
                as e(seq, op, at, reservation_id, held_at, revision, customer_id, entry)
            on conflict do nothing
            returning seq
            """;

    private LedgerRows() {}

    /** Answers the seqs of those that are new. */
    static Future<Set<Long>> append(SqlConnection connection, Lane lane, List<LedgerEntry> entries) {
        Tuple arguments = Tuple.of(
                lane.saleId().value(),
                lane.number(),
                lane.epoch(),
                Columns.numbers(entries, LedgerEntry::seq),
                Columns.texts(entries, LedgerRows::op),
                Columns.times(entries, LedgerRows::atMs),
                Columns.texts(
                        entries, ofTransition(transition -> transition.id().value())),
                Columns.times(entries, ofTransition(LedgerEntry.Transition::heldAtMs)),
                Columns.numbers(entries, ofTransition(LedgerEntry.Transition::revision)),
                Columns.texts(
                        entries,
                        ofTransition(transition -> transition.customerId().value())),
                Columns.texts(entries, LedgerEntry::text));
        return connection.preparedQuery(APPEND).execute(arguments).map(rows -> {
            Set<Long> appended = new HashSet<>();
            rows.forEach(row -> appended.add(row.getLong("seq")));
            return appended;
        });
    }

    private static <T> Function<LedgerEntry, @Nullable T> ofTransition(Function<LedgerEntry.Transition, T> value) {
        return entry -> entry instanceof LedgerEntry.Transition transition ? value.apply(transition) : null;
    }

    private static String op(LedgerEntry entry) {
        return switch (entry) {
            case LedgerEntry.Transition transition -> transition.kind().name().toLowerCase(Locale.ROOT);
            case LedgerEntry.SaleSet set -> "sale";
            case LedgerEntry.StockSet set -> "stock";
            case LedgerEntry.Audited audited -> "audit";
            case LedgerEntry.EpochBegun begun -> "epoch";
            case LedgerEntry.Unreadable unreadable -> "unreadable";
        };
    }

    private static @Nullable Long atMs(LedgerEntry entry) {
        return switch (entry) {
            case LedgerEntry.Transition transition -> transition.atMs();
            case LedgerEntry.SaleSet set -> set.atMs();
            case LedgerEntry.StockSet set -> set.atMs();
            case LedgerEntry.Audited audited -> audited.atMs();
            case LedgerEntry.EpochBegun begun -> null;
            case LedgerEntry.Unreadable unreadable -> null;
        };
    }
}
