package dev.holdfast.ledger;

import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationArchive;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.RestoredReservation;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Seen;
import dev.holdfast.reservation.Sku;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The present state of every reservation that was ever recorded. Safe for all threads. */
public final class ReservationRows implements ReservationArchive {

    private static final String FIND = """
            select r.*, s.clock_offset_ms
            from reservations r
            join sales s using (sale_id)
            where r.sale_id = $1 and r.held_at = $2 and r.reservation_id = $3
            """;

    /** Columns side by side in the select list: in the from clause each of them would be copied once more. */
    private static final String BEGIN = """
            insert into reservations as r (sale_id, lane, epoch, reservation_id, customer_id, state, lines, units, held_at,
                                           expires_at, ended_at, revision, fingerprint, seq)
            select unnest($1::text[]), unnest($2::int[]), unnest($3::bigint[]), unnest($4::text[]), unnest($5::text[]), unnest($6::text[]), unnest($7::text[])::json,
                   unnest($8::bigint[]), unnest($9::timestamptz[]), unnest($10::timestamptz[]), unnest($11::timestamptz[]),
                   unnest($12::bigint[]), unnest($13::text[]), unnest($14::bigint[])
            """;

    /**
     * An older state never replaces a newer one. Whose it is never changes. As an insert, because that goes by the key whatever
     * PostgreSQL takes for the size of the table: as an update with a join it once read the whole sale for each row. And because what
     * changes may be missing: its beginning may be a dead letter.
     */
    private static final String CHANGE = BEGIN + """
            on conflict (sale_id, held_at, reservation_id) do update
            set epoch = excluded.epoch, state = excluded.state, lines = excluded.lines, units = excluded.units,
                expires_at = excluded.expires_at, ended_at = excluded.ended_at, revision = excluded.revision, seq = excluded.seq,
                recorded_at = now()
            where r.revision < excluded.revision
            """;

    /** The same where the lines stay: others violate reservations_lines_change_by_replacement_only. As texts they are nearly always equal. */
    private static final String GO_ON = CHANGE.replace("revision = excluded.revision, seq", """
            revision = case when r.lines::text = excluded.lines::text or r.lines::jsonb = excluded.lines::jsonb then excluded.revision
                            else -1 end,
                seq""");

    /** Of reservations whose lines are replaced, the first that has others before it; the offset keeps it from becoming a join. */
    private static final String OTHERS_BEFORE = """
            select e.place
            from unnest($1::text[], $2::timestamptz[], $3::text[], $4::bigint[], $5::text[])
                     with ordinality as e(sale_id, held_at, reservation_id, revision, lines, place)
            cross join lateral (select v.lines, v.revision from reservations v
                                where v.sale_id = e.sale_id and v.held_at = e.held_at and v.reservation_id = e.reservation_id
                                offset 0) r
            where r.revision < e.revision and r.lines::jsonb <> e.lines::jsonb
            order by e.place
            limit 1
            """;

    private final Postgres postgres;
    private final InstantSource clock;

    /** The clock says when a reservation that has not ended was read. */
    public ReservationRows(Postgres postgres, InstantSource clock) {
        this.postgres = postgres;
        this.clock = clock;
    }

    @Override
    public Future<Optional<Reservation>> find(SaleId saleId, ReservationId id) {
        return findRecorded(saleId, id).map(found -> found.map(Seen::value));
    }

    @Override
    public Future<Optional<Seen<Reservation>>> findRecorded(SaleId saleId, ReservationId id) {
        return postgres.query(
                        "find reservation " + id + " of " + saleId,
                        FIND,
                        Tuple.of(saleId.value(), Columns.time(id.heldAtMs()), id.value()))
                .map(rows -> SaleRows.first(rows)
                        .map(row -> Seen.recorded(
                                reservation(row, clock.millis() + row.getLong("clock_offset_ms")),
                                Columns.ms(row.getOffsetDateTime("recorded_at")))));
    }

    /** Enters reservations that are new, each with its latest transition. */
    static Future<Void> begin(SqlConnection connection, List<InLane<Transition>> latest) {
        return write(connection, BEGIN, latest);
    }

    /**
     * Folds what became of each reservation into the books. Fails with {@link Contradiction}, or as PostgreSQL does, where a reservation has
     * other lines than it must have had.
     */
    static Future<Void> change(SqlConnection connection, List<InLane<Fold.Change>> changes) {
        List<InLane<Fold.Change>> replaced =
                changes.stream().filter(change -> !change.row().keepsLines()).toList();
        Future<Void> gone = write(
                connection,
                GO_ON,
                latest(changes.stream()
                        .filter(change -> change.row().keepsLines())
                        .toList()));
        return replaced.isEmpty()
                ? gone
                : Future.all(
                                gone,
                                requireBefore(
                                                connection,
                                                replaced.stream()
                                                        .filter(change ->
                                                                change.row().before() != null)
                                                        .toList())
                                        .compose(required -> write(connection, CHANGE, latest(replaced))))
                        .mapEmpty();
    }

    private static List<InLane<Transition>> latest(List<InLane<Fold.Change>> changes) {
        return changes.stream()
                .map(change -> new InLane<>(change.lane(), change.row().latest()))
                .toList();
    }

    private static Future<Void> requireBefore(SqlConnection connection, List<InLane<Fold.Change>> changes) {
        if (changes.isEmpty()) {
            return Future.succeededFuture();
        }
        List<Fold.Change> rows = changes.stream().map(InLane::row).toList();
        Tuple arguments = Tuple.of(
                InLane.saleIds(changes),
                Columns.times(rows, change -> change.latest().heldAtMs()),
                Columns.texts(rows, change -> change.latest().id().value()),
                Columns.numbers(rows, change -> change.latest().revision()),
                Columns.texts(rows, change -> json(Objects.requireNonNull(change.before()))));
        return connection
                .preparedQuery(OTHERS_BEFORE)
                .execute(arguments)
                .compose(found -> SaleRows.first(found)
                        .map(row -> Future.<Void>failedFuture(Contradiction.ofLines(
                                rows.get(row.getInteger("place") - 1).latest())))
                        .orElseGet(Future::succeededFuture));
    }

    /** As {@link #recorded}; empty where somebody wrote into the row what is no reservation, or what Redis would not take as one. */
    static Optional<RestoredReservation> readable(Row row) {
        try {
            return Optional.of(recorded(row)).filter(ReservationRows::isWhole);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static boolean isWhole(RestoredReservation reservation) {
        return reservation.revision() > 0
                && reservation.expiresAtMs() >= reservation.heldAtMs()
                && !reservation.fingerprint().isEmpty()
                && reservation.fingerprint().indexOf(' ') < 0;
    }

    /** With all that Redis needs to go on with it. Throws IllegalArgumentException where it is no reservation. */
    static RestoredReservation recorded(Row row) {
        if (!(row.getValue("lines") instanceof JsonObject lines)) {
            throw new IllegalArgumentException("lines that are no object: " + row.getValue("lines"));
        }
        return new RestoredReservation(
                new ReservationId(row.getString("reservation_id")),
                new CustomerId(row.getString("customer_id")),
                state(row),
                cart(lines),
                Columns.ms(row.getOffsetDateTime("held_at")),
                Columns.ms(row.getOffsetDateTime("expires_at")),
                Columns.msOrNull(row.getOffsetDateTime("ended_at")),
                row.getLong("revision"),
                row.getString("fingerprint"));
    }

    private static Future<Void> write(SqlConnection connection, String sql, List<InLane<Transition>> latest) {
        if (latest.isEmpty()) {
            return Future.succeededFuture();
        }
        List<Transition> rows = latest.stream().map(InLane::row).toList();
        Tuple arguments = Tuple.of(
                InLane.saleIds(latest),
                InLane.numbers(latest),
                InLane.epochs(latest),
                Columns.texts(rows, transition -> transition.id().value()),
                Columns.texts(rows, transition -> transition.customerId().value()),
                Columns.texts(rows, transition -> transition.kind().after().word()),
                Columns.texts(rows, transition -> json(transition.cart())),
                Columns.numbers(rows, transition -> (long) transition.cart().units()),
                Columns.times(rows, Transition::heldAtMs),
                Columns.times(rows, Transition::expiresAtMs),
                Columns.times(rows, Transition::endedAtMs),
                Columns.numbers(rows, Transition::revision),
                Columns.texts(rows, Transition::fingerprint),
                Columns.numbers(rows, Transition::seq));
        return connection.preparedQuery(sql).execute(arguments).mapEmpty();
    }

    /** As it is recorded; {@code readAtMs} matters only while it is held. */
    static Reservation reservation(Row row, long readAtMs) {
        Long endedAtMs = Columns.msOrNull(row.getOffsetDateTime("ended_at"));
        return new Reservation(
                new ReservationId(row.getString("reservation_id")),
                new SaleId(row.getString("sale_id")),
                new CustomerId(row.getString("customer_id")),
                state(row),
                cart(row.getJsonObject("lines")),
                Columns.ms(row.getOffsetDateTime("held_at")),
                Columns.ms(row.getOffsetDateTime("expires_at")),
                endedAtMs,
                endedAtMs == null ? readAtMs : endedAtMs,
                true,
                new Reservation.Mark(
                        row.getLong("revision"),
                        row.getLong("epoch"),
                        row.getLong("seq"),
                        row.getString("fingerprint")));
    }

    private static ReservationState state(Row row) {
        return state(row.getString("state"));
    }

    /** As the column has it. */
    static ReservationState state(String word) {
        return ReservationState.valueOf(word.toUpperCase(Locale.ROOT));
    }

    /** The name of a SKU has nothing to escape. */
    static String json(Cart cart) {
        StringBuilder json = new StringBuilder(64).append('{');
        for (Line line : cart.lines()) {
            json.append(json.length() == 1 ? "\"" : ",\"")
                    .append(line.sku().value())
                    .append("\":")
                    .append(line.quantity());
        }
        return json.append('}').toString();
    }

    private static int units(@Nullable Object value) {
        if (value instanceof Integer units) {
            return units;
        }
        throw new IllegalArgumentException("units that are no number: " + value);
    }

    static Cart cart(JsonObject lines) {
        List<Line> found = new ArrayList<>();
        lines.forEach(entry -> found.add(new Line(new Sku(entry.getKey()), units(entry.getValue()))));
        return Cart.of(found);
    }
}
