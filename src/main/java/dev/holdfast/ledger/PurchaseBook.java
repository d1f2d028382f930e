package dev.holdfast.ledger;

import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/**
 * What customers bought, summed behind the recorder: a rebuild needs it, and to sum all reservations of a sale takes as long as the sale is
 * old. The recorder writes nothing for it: the sums are told from the ledger, many batches at a time. Safe for all threads.
 */
public final class PurchaseBook {

    /** So many batches of the ledger in one transaction: some 100,000 entries of a busy sale, and less than a second. */
    private static final int BATCHES_AT_ONCE = 100;

    /** Of a lane that is new nothing is recorded. */
    private static final String BEGIN = """
            insert into purchases_summed (sale_id, lane, epoch, seq)
            select sale_id, lane, epoch, recorded_seq from lanes where sale_id = $1
            on conflict (sale_id, lane) do nothing
            """;

    /** Words as the scripts write an entry: op, key, revision, at, held_at, lasts, fingerprint, customer, then SKUs with their units. */
    private static final String SUM = """
            with mark as materialized (
                select epoch, seq from purchases_summed where sale_id = $1 and lane = $2 for update
            ),
            batches as materialized (
                select b.epoch, b.first_seq, b.entries
                from mark m
                cross join lateral (
                    select epoch, first_seq, entries
                    from ledger_batches
                    where sale_id = $1 and lane = $2 and (epoch, first_seq) > (m.epoch, m.seq)
                    order by epoch, first_seq
                    limit $3
                ) b
            ),
            bought as (
                select e.word[8] as customer_id, e.word[i] as sku, sum(e.word[i + 1]::bigint)::bigint as units
                from (select string_to_array(entry, ' ') as word
                      from batches
                      cross join lateral unnest(entries) as entry
                      where entry like 'confirmed %') e
                cross join lateral generate_series(9, cardinality(e.word) - 1, 2) as i
                group by 1, 2
            ),
            added as (
                insert into purchases as p (sale_id, lane, customer_id, sku, units)
                select $1, $2, customer_id, sku, units from bought
                on conflict (sale_id, lane, customer_id, sku) do update set units = p.units + excluded.units
            ),
            moved as (
                update purchases_summed s
                set epoch = l.epoch, seq = l.last_seq
                from (select epoch, first_seq + cardinality(entries) - 1 as last_seq
                      from batches order by epoch desc, first_seq desc limit 1) l
                where s.sale_id = $1 and s.lane = $2
            )
            select (select count(*) from mark) as marks, (select count(*) from batches) as batches
            """;

    private static final String FORGET = """
            delete from purchases where sale_id = $1 and lane = $2
            """;

    /** From the reservations themselves: as slow as there are many. What is no number of units counts as none. */
    private static final String SUM_ANEW = """
            insert into purchases (sale_id, lane, customer_id, sku, units)
            select $1, $2, t.customer_id, t.sku, sum(t.units)
            from (select r.customer_id, l.sku collate "C" as sku, l.units::bigint as units
                  from reservations r
                  cross join lateral json_each_text(case when json_typeof(r.lines) = 'object' then r.lines else '{}' end) as l(sku, units)
                  where r.sale_id = $1 and r.lane = $2 and r.state = 'confirmed' and l.units ~ '^[1-9][0-9]{0,8}$'
                  union all
                  select customer_id, sku, units from bought_units where sale_id = $1 and lane = $2) t
            group by t.customer_id, t.sku
            """;

    private static final String MARK_ANEW = """
            insert into purchases_summed (sale_id, lane, epoch, seq)
            select sale_id, lane, epoch, recorded_seq from lanes where sale_id = $1 and lane = $2
            on conflict (sale_id, lane) do update set epoch = excluded.epoch, seq = excluded.seq
            """;

    private static final String BEHIND = """
            select l.sale_id, l.lane, l.epoch, l.recorded_seq,
                   case when s.epoch = l.epoch then s.seq else 0 end as summed_seq
            from unnest($1::text[], $2::int[]) as w(sale_id, lane)
            join lanes l using (sale_id, lane)
            left join purchases_summed s using (sale_id, lane)
            where (s.epoch, s.seq) is distinct from (l.epoch, l.recorded_seq)
            """;

    private final Postgres postgres;

    PurchaseBook(Postgres postgres) {
        this.postgres = postgres;
    }

    /**
     * A lane of which more is recorded than summed.
     *
     * @param entries so many of its present epoch
     */
    public record Behind(Lane lane, long recordedSeq, long entries) {}

    /** Those of the lanes of which more is recorded than summed. */
    public Future<List<Behind>> behind(List<Lane> lanes) {
        // As a list: of two arrays the second would be taken for the arguments themselves.
        Tuple arguments = Tuple.from(List.of(
                Columns.texts(lanes, lane -> lane.saleId().value()),
                lanes.stream().map(Lane::number).toArray(Integer[]::new)));
        return postgres.query("find what is not summed", BEHIND, arguments).map(rows -> {
            List<Behind> behind = new ArrayList<>();
            for (Row row : rows) {
                Lane lane =
                        new Lane(new SaleId(row.getString("sale_id")), row.getInteger("lane"), row.getLong("epoch"));
                long recordedSeq = row.getLong("recorded_seq");
                behind.add(new Behind(lane, recordedSeq, recordedSeq - row.getLong("summed_seq")));
            }
            return behind;
        });
    }

    /** Sums all that is recorded of the lane by now. Fails as PostgreSQL does; what was summed until then stays. */
    public Future<Void> sum(Lane lane) {
        return AsyncLoop.whileTrue(() -> sumSome(lane));
    }

    /** Sums the lane's purchases from its reservations, whatever the sums were. */
    public Future<Void> sumAnew(Lane lane) {
        Tuple arguments = Tuple.of(lane.saleId().value(), lane.number());
        return postgres.inLongTransaction(
                "sum purchases of lane " + lane + " anew",
                connection -> connection
                        .query("set transaction isolation level repeatable read")
                        .execute()
                        .compose(set -> connection.preparedQuery(FORGET).execute(arguments))
                        .compose(forgotten -> connection.preparedQuery(SUM_ANEW).execute(arguments))
                        .compose(summed -> connection.preparedQuery(MARK_ANEW).execute(arguments))
                        .mapEmpty());
    }

    /** A lane that was just made has nothing to sum. */
    static Future<Void> begin(SqlConnection connection, SaleId saleId) {
        return connection.preparedQuery(BEGIN).execute(Tuple.of(saleId.value())).mapEmpty();
    }

    /** Whether there may be more. */
    private Future<Boolean> sumSome(Lane lane) {
        Tuple arguments = Tuple.of(lane.saleId().value(), lane.number(), BATCHES_AT_ONCE);
        return postgres.query("sum purchases of lane " + lane, SUM, arguments)
                .compose(rows -> {
                    Row row = rows.iterator().next();
                    return row.getLong("marks") == 0
                            ? sumAnew(lane).map(false)
                            : Future.succeededFuture(row.getLong("batches") == BATCHES_AT_ONCE);
                })
                // A batch that somebody changed: the reservations tell the same.
                .recover(failure -> PgErrors.kindOf(failure) == PgErrors.Kind.PERMANENT
                        ? sumAnew(lane).map(false)
                        : Future.failedFuture(failure));
    }
}
