package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which node records which lane, for a while, by PostgreSQL's clock. It keeps nodes out of each other's way; that nothing is
 * recorded twice does not depend on it.
 */
public final class LaneLeases {

    /** How long a node that died keeps its lanes. As in both statements that grant it: here and in {@link LedgerBook}. */
    public static final Duration LEASE = Duration.ofSeconds(3);

    /**
     * Takes and renews, of these lanes, all that nobody else has. A row that is locked is being recorded, which renews its lease
     * too: waiting for one lane would let the others' leases run out.
     */
    private static final String TAKE = """
            with free as (
                select l.sale_id, l.lane
                from lanes l
                join unnest($2::text[], $3::int[], $4::bigint[]) as w(sale_id, lane, epoch) using (sale_id, lane, epoch)
                where l.state = 'open'
                  and (l.recorder = $1 or l.lease_until is null or l.lease_until < clock_timestamp())
                for no key update of l skip locked
            )
            update lanes l
            set recorder = $1, lease_until = clock_timestamp() + interval '3 seconds'
            from free f
            where l.sale_id = f.sale_id and l.lane = f.lane
            returning l.sale_id, l.lane, l.epoch, l.recorded_seq
            """;

    private static final String GIVE_BACK = """
            update lanes set recorder = null, lease_until = null where recorder = $1
            """;

    private final Postgres postgres;

    /** Keeps nothing in memory. */
    public LaneLeases(Postgres postgres) {
        this.postgres = postgres;
    }

    /** Answers those of the lanes that are now this recorder's for {@link #LEASE}, each with its cursor. */
    public Future<Map<Lane, Long>> take(String recorder, Collection<Lane> lanes) {
        List<Lane> wanted = new ArrayList<>(lanes);
        Tuple arguments = Tuple.of(
                recorder,
                Columns.texts(wanted, lane -> lane.saleId().value()),
                wanted.stream().map(Lane::number).toArray(Integer[]::new),
                Columns.numbers(wanted, Lane::epoch));
        return postgres.query("take leases", TAKE, arguments).map(rows -> {
            Map<Lane, Long> cursors = new HashMap<>();
            rows.forEach(row -> cursors.put(lane(row), row.getLong("recorded_seq")));
            return cursors;
        });
    }

    /** Another node may take over all of this recorder's lanes at once. */
    public Future<Void> giveBack(String recorder) {
        return postgres.query("give back leases", GIVE_BACK, Tuple.of(recorder)).mapEmpty();
    }

    private static Lane lane(Row row) {
        return new Lane(new SaleId(row.getString("sale_id")), row.getInteger("lane"), row.getLong("epoch"));
    }
}
