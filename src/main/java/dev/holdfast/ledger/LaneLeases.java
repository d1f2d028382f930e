package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which node records which lane, by PostgreSQL's clock. A node renews one lease for all its lanes; where it does not, each of its lanes
 * may be taken by others. It keeps nodes out of each other's way; that nothing is recorded twice does not depend on it. Safe for all
 * threads.
 */
public final class LaneLeases {

    /** How long a node that died keeps its lanes. The statements say the same. */
    public static final Duration LEASE = Duration.ofSeconds(3);

    private static final String RENEW = """
            insert into nodes as n (node_id, records_until)
            values ($1, clock_timestamp() + interval '3 seconds')
            on conflict (node_id) do update
            set records_until = clock_timestamp() + interval '3 seconds', seen_at = clock_timestamp()
            returning (select count(*) from nodes o
                       where o.node_id <> n.node_id and o.records_until >= clock_timestamp()) as others
            """;

    private static final String HELD = """
            select sale_id, lane, epoch, recorded_seq from lanes where recorder = $1 and state = 'open'
            """;

    /** A row that is locked is being recorded, or stopped: waiting for one lane would keep the others from being taken. */
    private static final String TAKE = """
            with live as materialized (
                select node_id from nodes where records_until >= clock_timestamp()
            ),
            free as (
                select l.sale_id, l.lane
                from lanes l
                where l.state = 'open' and (l.recorder is null or l.recorder not in (select node_id from live))
                limit $2
                for no key update of l skip locked
            )
            update lanes l
            set recorder = $1
            from free f
            where l.sale_id = f.sale_id and l.lane = f.lane
            returning l.sale_id, l.lane, l.epoch, l.recorded_seq
            """;

    private static final String GIVE_AWAY = """
            update lanes l
            set recorder = null
            from unnest($2::text[], $3::int[], $4::bigint[]) as g(sale_id, lane, epoch)
            where l.sale_id = g.sale_id and l.lane = g.lane and l.epoch = g.epoch and l.recorder = $1
            """;

    private static final String GIVE_BACK = """
            with gone as (
                update nodes set records_until = null where node_id = $1
            )
            update lanes set recorder = null where recorder = $1
            """;

    private final Postgres postgres;

    /** Best on a pool of its own: a lease that waits behind other work runs out. Keeps nothing in memory. */
    public LaneLeases(Postgres postgres) {
        this.postgres = postgres;
    }

    /** The node records for {@link #LEASE} from now on; answers how many nodes do, this one included. */
    public Future<Integer> renew(String node) {
        return postgres.query("renew lease", RENEW, Tuple.of(node))
                .map(rows -> rows.iterator().next().getInteger("others") + 1);
    }

    /** The lanes that PostgreSQL says are the node's. Their cursors may be moving. */
    public Future<Set<Lane>> held(String node) {
        return postgres.query("find lanes of this node", HELD, Tuple.of(node))
                .map(rows -> new HashSet<>(lanes(rows).keySet()));
    }

    /** Takes at most so many lanes that no living node has; answers them with their cursors. */
    public Future<Map<Lane, Long>> take(String node, int most) {
        return postgres.query("take lanes", TAKE, Tuple.of(node, most)).map(LaneLeases::lanes);
    }

    /** Other nodes may take these at once; those of them that are not this node's stay as they are. */
    public Future<Void> giveAway(String node, Collection<Lane> lanes) {
        List<Lane> given = new ArrayList<>(lanes);
        Tuple arguments = Tuple.of(
                node,
                Columns.texts(given, lane -> lane.saleId().value()),
                Columns.integers(given, Lane::number),
                Columns.numbers(given, Lane::epoch));
        return postgres.query("give lanes away", GIVE_AWAY, arguments).mapEmpty();
    }

    /** Other nodes may take all of this node's lanes at once. */
    public Future<Void> giveBack(String node) {
        return postgres.query("give back lanes", GIVE_BACK, Tuple.of(node)).mapEmpty();
    }

    /** Of rows with a lane and its cursor. */
    static Map<Lane, Long> lanes(RowSet<Row> rows) {
        Map<Lane, Long> cursors = new HashMap<>();
        rows.forEach(row -> cursors.put(
                new Lane(new SaleId(row.getString("sale_id")), row.getInteger("lane"), row.getLong("epoch")),
                row.getLong("recorded_seq")));
        return cursors;
    }
}
