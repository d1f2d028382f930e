package dev.holdfast.ledger;

import dev.holdfast.reservation.EndedReservations;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.RestoredReservation;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Ended reservations of lanes that were rebuilt and sell: which of them Redis has again, page by page, from the newest to the oldest, and
 * those that somebody looks for meanwhile. One node at a time restores them. Safe for all threads.
 */
public final class EndedBook implements EndedReservations {

    /** Rows of a page. */
    private static final int PAGE = 1_000;

    /** Nobody else has it: then it is this node's for a while. */
    private static final String TAKE = """
            update rebuilds r
            set keeper = $4, keeper_until = clock_timestamp() + interval '10 seconds'
            from lanes l
            where r.sale_id = $1 and r.lane = $2 and r.epoch = $3
              and l.sale_id = r.sale_id and l.lane = r.lane and l.epoch = r.epoch and l.state = 'open' and l.restoring_ended
              and (r.keeper is null or r.keeper = $4 or r.keeper_until < clock_timestamp())
            returning r.remembered_from, r.ended_before, r.ended_before_id
            """;

    /**
     * A hold lasts as long as the sale's longest at most, so what was held before cannot have ended late enough. Those that ended after the
     * rebuild are among them; Redis has them.
     */
    private static final String PAGE_OF = """
            select r.*
            from sales s
            cross join lateral (
                select *
                from reservations
                where sale_id = s.sale_id and lane = $2 and state <> 'held' and ended_at > $3::timestamptz
                  and held_at > $3::timestamptz - greatest(s.longest_hold_ms, s.max_hold_ms) * interval '1 millisecond'
                  and (held_at, reservation_id) < (coalesce($4::timestamptz, 'infinity'), coalesce($5::text, ''))
                order by held_at desc, reservation_id desc
                limit $6
            ) r
            where s.sale_id = $1
            """;

    private static final String MOVE = """
            update rebuilds
            set ended_before = $5, ended_before_id = $6, ended_restored = ended_restored + $7, done = ended_restored + $7,
                keeper_until = clock_timestamp() + interval '10 seconds'
            where sale_id = $1 and lane = $2 and epoch = $3 and keeper = $4
            """;

    private static final String FINISH = """
            update lanes set restoring_ended = false, version = version + 1
            where sale_id = $1 and lane = $2 and epoch = $3 and restoring_ended
            """;

    private static final String TELL_FINISHED = """
            update rebuilds set phase = 'done', keeper = null, keeper_until = null, total = done
            where sale_id = $1 and lane = $2 and epoch = $3
            """;

    /** A customer has few reservations, and they have an index. */
    private static final String UNDER_KEYS = """
            select q.place, r.*
            from unnest($2::int[], $3::text[], $4::text[]) as q(place, customer_id, key)
            cross join lateral (
                select v.*
                from reservations v
                join rebuilds b on b.sale_id = v.sale_id and b.lane = v.lane and b.epoch = $5
                where v.customer_id = q.customer_id and v.sale_id = $1 and left(v.reservation_id, 22) = q.key
                  and v.state <> 'held' and v.ended_at > b.remembered_from
                order by v.held_at desc
                limit 1
            ) r
            """;

    private final Postgres postgres;
    private final Postgres lookups;
    private final SaleBook sales;

    /** What callers look up shares nothing with the rest. */
    EndedBook(Postgres postgres, Postgres lookups, SaleBook sales) {
        this.postgres = postgres;
        this.lookups = lookups;
        this.sales = sales;
    }

    /**
     * Where the restoring of one lane stands.
     *
     * @param endedAfter what ended before is forgotten
     * @param before the last one that was restored; null at the beginning, with {@code beforeId}
     */
    public record Place(
            OffsetDateTime endedAfter,
            @Nullable OffsetDateTime before,
            @Nullable String beforeId) {

        private Place after(Row row) {
            return new Place(endedAfter, row.getOffsetDateTime("held_at"), row.getString("reservation_id"));
        }
    }

    /**
     * Some that are to be restored; rows that are no reservation are left out.
     *
     * @param next where those after them begin
     * @param last whether there are none after them
     */
    public record Page(List<RestoredReservation> reservations, Place next, boolean last) {}

    /** Takes the lane for this node for ten seconds; empty where another node has it, or nothing is left to do. */
    public Future<Optional<Place>> take(Lane lane, String node) {
        return postgres.query("take ended reservations of lane " + lane, TAKE, of(lane).addString(node))
                .map(rows -> SaleRows.first(rows)
                        .map(row -> new Place(
                                row.getOffsetDateTime("remembered_from"),
                                row.getOffsetDateTime("ended_before"),
                                row.getString("ended_before_id"))));
    }

    /** The next ones from there on. */
    public Future<Page> page(Lane lane, Place place) {
        Tuple arguments = Tuple.of(
                lane.saleId().value(), lane.number(), place.endedAfter(), place.before(), place.beforeId(), PAGE);
        return postgres.query("read ended reservations of lane " + lane, PAGE_OF, arguments)
                .map(rows -> {
                    List<RestoredReservation> page = new ArrayList<>(rows.size());
                    Place next = place;
                    for (Row row : rows) {
                        ReservationRows.readable(row).ifPresent(page::add);
                        next = place.after(row);
                    }
                    return new Page(page, next, rows.size() < PAGE);
                });
    }

    /** Redis has the page; renews what {@link #take} gave. False where another node has taken it. */
    public Future<Boolean> restored(Lane lane, String node, Page page) {
        Tuple arguments = of(lane).addString(node)
                .addOffsetDateTime(page.next().before())
                .addString(page.next().beforeId())
                .addInteger(page.reservations().size());
        return postgres.query("move on in ended reservations of lane " + lane, MOVE, arguments)
                .map(moved -> moved.rowCount() == 1);
    }

    /** Redis has all of them. */
    public Future<Void> finish(Lane lane) {
        return postgres.inTransaction(
                        "finish ended reservations of lane " + lane,
                        connection -> connection
                                .preparedQuery(FINISH)
                                .execute(of(lane))
                                .compose(finished ->
                                        connection.preparedQuery(TELL_FINISHED).execute(of(lane))))
                .compose(told -> sales.refresh(lane.saleId()))
                .mapEmpty();
    }

    @Override
    public Future<List<Optional<Ended>>> find(Lane lane, List<Key> keys) {
        SaleId saleId = lane.saleId();
        Integer[] places = new Integer[keys.size()];
        for (int i = 0; i < places.length; i++) {
            places[i] = i;
        }
        Tuple arguments = Tuple.of(
                saleId.value(),
                places,
                Columns.texts(keys, key -> key.customerId().value()),
                Columns.texts(keys, Key::key),
                lane.epoch());
        return lookups.query("find keys of " + saleId, UNDER_KEYS, arguments).map(rows -> {
            List<Optional<Ended>> found = new ArrayList<>();
            keys.forEach(key -> found.add(Optional.empty()));
            for (Row row : rows) {
                found.set(
                        row.getInteger("place"),
                        Optional.of(new Ended(ReservationRows.reservation(row, 0), row.getString("fingerprint"))));
            }
            return found;
        });
    }

    private static Tuple of(Lane lane) {
        return Tuple.of(lane.saleId().value(), lane.number(), lane.epoch());
    }
}
