package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What callers were told of and the books lack, after Redis lost it. Nodes file here what they told, and every node's share is counted and
 * listed in the incident of the loss. Safe for all threads.
 */
public final class LostAnswers {

    /**
     * How far a lane's epoch got.
     *
     * @param seq of the last entry that PostgreSQL has of it
     * @param goesOn false where the epoch is stopped or over
     */
    public record Standing(long seq, boolean goesOn) {}

    /** As many as anyone reads in the answer about an incident; all of them are in the table. */
    private static final int MOST_LISTED = 100;

    private static final String STANDINGS = """
            select w.place, l.epoch = w.epoch and l.state in ('preparing', 'open') as goes_on,
                   case when l.epoch = w.epoch then l.recorded_seq
                        else coalesce((select b.first_seq + cardinality(b.entries) - 1
                                       from ledger_batches b
                                       where b.sale_id = w.sale_id and b.lane = w.lane and b.epoch = w.epoch
                                       order by b.first_seq desc
                                       limit 1), 0) end as recorded_seq
            from unnest($1::text[], $2::integer[], $3::bigint[]) with ordinality as w(sale_id, lane, epoch, place)
            join lanes l on l.sale_id = w.sale_id and l.lane = w.lane
            """;

    private static final String FILE = """
            insert into told_answers as t (sale_id, lane, epoch, reservation_id, held_at, revision, seq, state, customer_id, lines, units,
                                           expires_at, ended_at, fingerprint, node)
            select distinct on (a.reservation_id)
                   $1, $2, $3, a.reservation_id, a.held_at, a.revision, a.seq, a.state, a.customer_id, a.lines::json, a.units,
                   a.expires_at, a.ended_at, a.fingerprint, $4
            from unnest($5::text[], $6::timestamptz[], $7::bigint[], $8::bigint[], $9::text[], $10::text[], $11::text[], $12::bigint[],
                        $13::timestamptz[], $14::timestamptz[], $15::text[])
                as a(reservation_id, held_at, revision, seq, state, customer_id, lines, units, expires_at, ended_at, fingerprint)
            order by a.reservation_id, a.revision desc
            on conflict (sale_id, lane, epoch, reservation_id) do update
            set held_at = excluded.held_at, revision = excluded.revision, seq = excluded.seq, state = excluded.state,
                lines = excluded.lines, units = excluded.units, expires_at = excluded.expires_at, ended_at = excluded.ended_at,
                node = excluded.node
            where excluded.revision > t.revision
            """;

    private static final String LOCK = """
            select incident_id, epoch, detail
            from incidents
            where sale_id = $1 and lane = $2 and epoch <= $3 and kind = any ($4) and state = 'open'
            order by incident_id desc
            limit 1
            for no key update
            """;

    private static final String COUNTS = """
            select state, count(*) as reservations, coalesce(sum(units), 0)::bigint as units
            from lost_answers
            where sale_id = $1 and lane = $2 and epoch >= $3
            group by state
            """;

    private static final String FIRST = """
            select *
            from lost_answers
            where sale_id = $1 and lane = $2 and epoch >= $3
            order by epoch, seq
            limit $4
            """;

    private static final String TELL = """
            update incidents set units = $2, detail = $3, details = $4 where incident_id = $1
            """;

    /**
     * Of any epoch of the lane before this one: what was lost twice is still lost, but what a person discarded is not wanted, whenever a node
     * filed it. Holds only whose time is not over. What stands among the dead letters is for a person to replay or to discard, and what was
     * mended there is as it was mended.
     */
    private static final String WANTED = """
            select *
            from lost_answers a
            where sale_id = $1 and lane = $2 and epoch < $3 and (epoch, seq) > ($4, $5)
              and epoch >= (select l.discarded_before from lanes l where l.sale_id = $1 and l.lane = $2)
              and (state <> 'held' or expires_at > $6)
              and not exists (select from dead_letters d
                              where d.sale_id = a.sale_id and d.reservation_id = a.reservation_id
                                and (d.state in ('waiting', 'discarded') or d.mended_entry is not null))
            order by epoch, seq
            limit $7
            """;

    private static final String WANTED_OF = """
            select distinct reservation_id
            from lost_answers
            where sale_id = $1 and lane = $2 and epoch < $3 and (state <> 'held' or expires_at > $4) and reservation_id = any ($5)
              and epoch >= (select l.discarded_before from lanes l where l.sale_id = $1 and l.lane = $2)
            """;

    private static final String LAST_TOLD = """
            select coalesce(max(seq), 0) as seq from told_answers where sale_id = $1 and lane = $2 and epoch = $3
            """;

    private static final String DISCARD = """
            update lanes set discarded_before = greatest(discarded_before, $3) where sale_id = $1 and lane = $2
            """;

    /** Redis has lost it, or PostgreSQL, or both. */
    private static final String[] LOSSES = {IncidentKind.HISTORY_LOST.word(), IncidentKind.BOOKS_BEHIND_REDIS.word()};

    /** What the detail of an incident says after this was added by us. */
    private static final String MARK = "Callers were told of what the books lack: ";

    private final Postgres postgres;

    LostAnswers(Postgres postgres) {
        this.postgres = postgres;
    }

    /** Lanes that PostgreSQL does not know are left out. */
    public Future<Map<Lane, Standing>> standings(Collection<Lane> lanes) {
        List<Lane> wanted = List.copyOf(lanes);
        Tuple arguments = Tuple.of(
                Columns.texts(wanted, lane -> lane.saleId().value()),
                Columns.integers(wanted, Lane::number),
                Columns.numbers(wanted, Lane::epoch));
        return postgres.query("find how far lanes are recorded", STANDINGS, arguments)
                .map(rows -> {
                    Map<Lane, Standing> standings = new HashMap<>();
                    for (Row row : rows) {
                        standings.put(
                                wanted.get((int) (row.getLong("place") - 1)),
                                new Standing(row.getLong("recorded_seq"), row.getBoolean("goes_on")));
                    }
                    return standings;
                });
    }

    /**
     * Writes down what callers were told of a lane whose epoch stopped, and counts and lists in the incident of the loss what of all that
     * the books lack. Repeating it changes nothing.
     *
     * @param node who told it
     */
    public Future<Void> file(Lane lane, List<Reservation> told, String node) {
        return postgres.inTransaction(
                "file what was told of lane " + lane,
                connection -> connection
                        .preparedQuery(FILE)
                        .execute(arguments(lane, told, node))
                        .compose(filed -> tell(connection, lane, true)));
    }

    /**
     * What callers were told of before this epoch and the books lack, in the order in which they were told; holds only whose time is not
     * over.
     *
     * @param after the last of an earlier call; null at first
     * @param nowMs by the sale's clock
     */
    public Future<List<LostAnswer>> wanted(Lane before, LostAnswer.@Nullable Place after, long nowMs, int most) {
        Tuple arguments = Tuple.of(before.saleId().value(), before.number(), before.epoch())
                .addLong(after == null ? 0 : after.epoch())
                .addLong(after == null ? 0 : after.seq())
                .addValue(Columns.time(nowMs))
                .addInteger(most);
        return postgres.query("find lost answers of " + before, WANTED, arguments)
                .map(rows -> {
                    List<LostAnswer> found = new ArrayList<>();
                    rows.forEach(row -> found.add(answer(row)));
                    return found;
                });
    }

    /**
     * Those of these reservations of which callers were told what {@link #wanted} answers, or would answer if no dead letter of theirs were
     * to be settled first.
     *
     * @param nowMs by the sale's clock
     */
    public Future<Set<ReservationId>> wantedOf(Lane before, List<ReservationId> ids, long nowMs) {
        Tuple arguments = Tuple.of(before.saleId().value(), before.number(), before.epoch())
                .addValue(Columns.time(nowMs))
                .addValue(Columns.texts(ids, ReservationId::value));
        return postgres.query("look for lost answers of " + before, WANTED_OF, arguments)
                .map(rows -> {
                    Set<ReservationId> found = new HashSet<>();
                    rows.forEach(row -> found.add(new ReservationId(row.getString("reservation_id"))));
                    return found;
                });
    }

    /** The last entry of this epoch of the lane of which callers were told and that was not recorded; 0 for none, as far as nodes have filed it. */
    public Future<Long> lastTold(Lane lane) {
        return postgres.query(
                        "find the last answer of " + lane,
                        LAST_TOLD,
                        Tuple.of(lane.saleId().value(), lane.number(), lane.epoch()))
                .map(rows -> rows.iterator().next().getLong("seq"));
    }

    /**
     * Nobody wants these back: what callers were told of before this epoch is not put back any more, and what a node files of it later is not
     * either. Incidents go on listing it, and a receipt still reclaims.
     */
    public Future<Void> discard(Lane before) {
        return postgres.query(
                        "discard what was told of " + before,
                        DISCARD,
                        Tuple.of(before.saleId().value(), before.number(), before.epoch()))
                .mapEmpty();
    }

    /**
     * Counts and lists, in the incident of the loss, what callers were told of and the books lack; nothing where there is no such incident. Of later
     * epochs, too: where Redis and PostgreSQL are both older than a rebuild, the incident is of the epoch before that.
     *
     * @param evenIfNothing whether to tell that nothing is lost, because somebody has looked
     */
    static Future<Void> tell(SqlConnection connection, Lane lane, boolean evenIfNothing) {
        return connection
                .preparedQuery(LOCK)
                .execute(Tuple.of(lane.saleId().value(), lane.number(), lane.epoch(), LOSSES))
                .compose(rows -> {
                    if (rows.size() == 0) {
                        return Future.succeededFuture();
                    }
                    Row incident = rows.iterator().next();
                    Tuple from = Tuple.of(lane.saleId().value(), lane.number(), incident.getLong("epoch"));
                    return connection
                            .preparedQuery(COUNTS)
                            .execute(from)
                            .compose(counts -> counts.size() == 0 && !evenIfNothing
                                    ? Future.succeededFuture()
                                    : connection
                                            .preparedQuery(FIRST)
                                            .execute(Tuple.of(
                                                    lane.saleId().value(),
                                                    lane.number(),
                                                    incident.getLong("epoch"),
                                                    MOST_LISTED))
                                            .compose(first -> tell(connection, incident, counts, first)));
                });
    }

    private static Future<Void> tell(SqlConnection connection, Row incident, RowSet<Row> counts, RowSet<Row> first) {
        JsonObject byState = new JsonObject();
        long reservations = 0;
        long units = 0;
        for (Row row : counts) {
            byState.put(row.getString("state"), row.getLong("reservations"));
            reservations += row.getLong("reservations");
            units += row.getLong("units");
        }
        JsonArray listed = new JsonArray();
        first.forEach(row -> listed.add(json(row)));
        JsonObject details = new JsonObject()
                .put("lostAnswers", reservations)
                .put("units", units)
                .put("byState", byState)
                .put("reservations", listed)
                .put("isComplete", listed.size() == reservations);
        String before = incident.getString("detail");
        int mark = before.indexOf(MARK);
        String base = (mark < 0 ? before : before.substring(0, mark)).strip();
        String detail = reservations == 0
                ? base
                : base + (base.endsWith(".") ? " " : ". ") + MARK + reservations + " reservations, " + units
                        + " units. They are listed in the details; receipts put them back.";
        return connection
                .preparedQuery(TELL)
                .execute(Tuple.of(incident.getLong("incident_id"), reservations == 0 ? null : units, detail, details))
                .mapEmpty();
    }

    private static JsonObject json(Row row) {
        return new JsonObject()
                .put("reservationId", row.getString("reservation_id"))
                .put("customerId", row.getString("customer_id"))
                .put("state", row.getString("state"))
                .put("lines", row.getJsonObject("lines"))
                .put("revision", row.getLong("revision"))
                .put("seq", row.getLong("seq"))
                .put("heldAt", row.getOffsetDateTime("held_at").toInstant().toString())
                .put(
                        "expiresAt",
                        row.getOffsetDateTime("expires_at").toInstant().toString());
    }

    private static LostAnswer answer(Row row) {
        return new LostAnswer(
                new LostAnswer.Place(row.getLong("epoch"), row.getLong("seq")), ReservationRows.recorded(row));
    }

    private static Tuple arguments(Lane lane, List<Reservation> told, String node) {
        return Tuple.of(lane.saleId().value(), lane.number(), lane.epoch(), node)
                .addValue(Columns.texts(told, one -> one.id().value()))
                .addValue(Columns.times(told, Reservation::heldAtMs))
                .addValue(Columns.numbers(told, Reservation::revision))
                .addValue(Columns.numbers(told, one -> one.mark().seq()))
                .addValue(Columns.texts(told, one -> one.state().word()))
                .addValue(Columns.texts(told, one -> one.customerId().value()))
                .addValue(Columns.texts(told, one -> ReservationRows.json(one.cart())))
                .addValue(Columns.numbers(told, one -> (long) one.cart().units()))
                .addValue(Columns.times(told, Reservation::expiresAtMs))
                .addValue(Columns.times(told, Reservation::endedAtMs))
                .addValue(Columns.texts(told, one -> one.mark().fingerprint()));
    }
}
