package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Entries nobody can record, kept for people, inside the transaction that moves the cursor past them. */
final class DeadLetters {

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

    private static final String ADD = """
            insert into dead_letters (sale_id, lane, epoch, seq, entry, problem)
            select $1, $2, $3, d.seq, d.entry, d.problem
            from unnest($4::bigint[], $5::text[], $6::text[]) as d(seq, entry, problem)
            """;

    private DeadLetters() {}

    static Future<Void> add(SqlConnection connection, Lane lane, List<LedgerEntry.Unreadable> letters) {
        if (letters.isEmpty()) {
            return Future.succeededFuture();
        }
        letters.forEach(letter ->
                LOG.error("lane {}: entry {} becomes a dead letter: {}", lane, letter.seq(), letter.problem()));
        return connection
                .preparedQuery(ADD)
                .execute(Tuple.of(
                        lane.saleId().value(),
                        lane.number(),
                        lane.epoch(),
                        Columns.numbers(letters, LedgerEntry.Unreadable::seq),
                        Columns.texts(letters, letter -> storable(letter.text())),
                        Columns.texts(letters, letter -> storable(letter.problem()))))
                .mapEmpty();
    }

    /** PostgreSQL's text has no NUL. */
    static String storable(String text) {
        return text.replace("\0", "\\u0000");
    }
}
