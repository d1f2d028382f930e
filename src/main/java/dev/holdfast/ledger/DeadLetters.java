package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.LedgerEntry.Unreadable;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Entries nobody can record, kept for people, inside the transaction that moves the cursor past them. */
final class DeadLetters {

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

    private static final String ADD = """
            insert into dead_letters (sale_id, lane, epoch, seq, entry, problem, reservation_id, stops_lane)
            select $1, $2, $3, d.seq, d.entry, d.problem, d.reservation_id, d.stops_lane
            from unnest($4::bigint[], $5::text[], $6::text[], $7::text[], $8::boolean[])
                as d(seq, entry, problem, reservation_id, stops_lane)
            returning dead_letter_id, seq
            """;

    private DeadLetters() {}

    /**
     * Puts the entries aside, each with an incident; an open lane stops where the books differ from Redis without one of them. In a lane
     * that is being rebuilt, the rebuild tells how many there are.
     */
    static Future<Void> add(SqlConnection connection, Lane lane, List<Unreadable> letters) {
        if (letters.isEmpty()) {
            return Future.succeededFuture();
        }
        letters.forEach(letter ->
                LOG.error("lane {}: entry {} becomes a dead letter: {}", lane, letter.seq(), letter.problem()));
        Tuple arguments = Tuple.from(new @Nullable Object[] {
            lane.saleId().value(),
            lane.number(),
            lane.epoch(),
            Columns.numbers(letters, Unreadable::seq),
            Columns.texts(letters, letter -> storable(letter.text())),
            Columns.texts(letters, letter -> storable(letter.problem())),
            Columns.texts(letters, DeadLetters::reservation),
            letters.stream().map(Unreadable::leavesTheBooksBehind).toArray(Boolean[]::new)
        });
        return connection.preparedQuery(ADD).execute(arguments).compose(rows -> {
            Map<Long, Long> numbers = new HashMap<>();
            for (Row row : rows) {
                numbers.put(row.getLong("seq"), row.getLong("dead_letter_id"));
            }
            return report(connection, lane, letters, numbers);
        });
    }

    /** PostgreSQL's text has no NUL. */
    static String storable(String text) {
        return text.replace("\0", "\\u0000");
    }

    /** The first one that stops the lane does it: no other one of a batch comes after it. */
    private static Future<Void> report(
            SqlConnection connection, Lane lane, List<Unreadable> letters, Map<Long, Long> numbers) {
        List<Future<?>> reports = new ArrayList<>();
        boolean stopped = false;
        for (Unreadable letter : letters) {
            NewIncident incident = incident(letter).about(String.valueOf(numbers.get(letter.seq())));
            if (!letter.leavesTheBooksBehind()) {
                reports.add(Incidents.add(connection, lane, incident));
            } else if (!stopped) {
                stopped = true;
                reports.add(Incidents.stop(connection, lane, incident));
            }
        }
        return Future.all(reports).mapEmpty();
    }

    private static NewIncident incident(Unreadable letter) {
        return new NewIncident(
                letter.leavesTheBooksBehind() ? IncidentKind.DEAD_LETTER : IncidentKind.DEAD_LETTER_WITHOUT_UNITS,
                null,
                units(letter.entry()),
                "entry " + letter.seq() + " cannot be recorded: " + letter.problem(),
                details(letter));
    }

    private static JsonObject details(Unreadable letter) {
        JsonObject details = new JsonObject().put("seq", letter.seq()).put("reservationId", reservation(letter));
        return letter.problem().contains(Succession.DISCARD_FIRST)
                ? details.put(IncidentKind.FIRST, IncidentKind.DISCARD)
                : details;
    }

    private static @Nullable String reservation(Unreadable letter) {
        return letter.entry() instanceof Transition transition ? transition.id().value() : null;
    }

    private static @Nullable Long units(@Nullable LedgerEntry entry) {
        if (entry == null) {
            return null;
        }
        return switch (entry) {
            case Transition transition -> (long) transition.cart().units();
            case LedgerEntry.StockSet set -> set.capacity();
            case LedgerEntry.Adjusted adjusted -> Math.abs(adjusted.units());
            case LedgerEntry.Shrunk shrunk -> shrunk.units();
            default -> null;
        };
    }
}
