package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** Which lanes may be retired, and which were. Safe for all threads. */
public final class RetirementBook {

    /** A lane with the end of its ledger. */
    public record EndedLane(Lane lane, long recordedSeq) {}

    /**
     * A sale is over where it is closed, or its window is, and nobody has changed it lately; nothing is on its way to Redis; no unit is
     * held, and none has moved lately; and the last thing that happened is an audit that found Redis and the books equal.
     */
    private static final String OVER = """
            from lanes l
            join sales s on s.sale_id = l.sale_id
            where l.state = 'open' and s.updated_at < $1 and s.applied_version = s.version
              and (s.state = 'closed' or s.closes_at < $1::timestamptz + s.clock_offset_ms * interval '1 millisecond')
              and not exists (select from skus k where k.sale_id = l.sale_id and k.applied_version < k.version)
              and not exists (select from adjustments j
                              where j.sale_id = l.sale_id and j.recorded_at is null and j.state <> 'refused')
              and not exists (select from stock t
                              where t.sale_id = l.sale_id and t.lane = l.lane and (t.held > 0 or t.updated_at >= $1))
              and exists (select from audits a
                          where a.sale_id = l.sale_id and a.lane = l.lane and a.epoch = l.epoch and a.seq = l.recorded_seq
                            and coalesce(a.first_seq, a.seq) = a.seq and a.balanced)
            """;

    private static final String FIND_OVER = """
            select l.sale_id, l.lane, l.epoch, l.recorded_seq
            """ + OVER;

    /** Waits for a batch and for an admin under way, and asks again after them. */
    private static final String RETIRE = """
            with over as (
                select l.sale_id, l.lane
            """ + OVER + """
                and l.sale_id = $2 and l.lane = $3 and l.epoch = $4 and l.recorded_seq = $5
                for update of s, l
            ),
            closed as (
                update sales s
                set state = 'closed', state_reason = 'its window is over', version = s.version + 1,
                    applied_version = s.version + 1, updated_at = now()
                from over o
                where s.sale_id = o.sale_id and s.state <> 'closed'
            )
            update lanes l
            set state = 'retired', state_reason = null, version = l.version + 1, recorder = null
            from over o
            where l.sale_id = o.sale_id and l.lane = o.lane
            """;

    private static final String FIND_UNCLEARED = """
            select sale_id, lane, epoch, recorded_seq from lanes where state = 'retired' and cleared_at is null
            """;

    private static final String CLEARED = """
            update lanes set cleared_at = clock_timestamp()
            where sale_id = $1 and lane = $2 and epoch = $3 and recorded_seq = $4 and state = 'retired'
            """;

    private static final String TAKE_BACK = """
            update lanes set state = 'open', version = version + 1
            where sale_id = $1 and lane = $2 and epoch = $3 and recorded_seq = $4 and state = 'retired' and cleared_at is null
            """;

    private final Postgres postgres;
    private final SaleBook sales;

    /** Tells the book of sales at once. */
    public RetirementBook(Postgres postgres, SaleBook sales) {
        this.postgres = postgres;
        this.sales = sales;
    }

    /** Lanes whose sale is over since before this time, as far as PostgreSQL can tell. */
    public Future<List<EndedLane>> over(Instant before) {
        return postgres.query("find sales that are over", FIND_OVER, Tuple.of(before.atOffset(ZoneOffset.UTC)))
                .map(RetirementBook::lanes);
    }

    /** Retires the lane, and closes its sale for good, if it is as {@link #over} said; whether it was. */
    public Future<Boolean> retire(EndedLane ended, Instant before) {
        Lane lane = ended.lane();
        Tuple arguments = Tuple.of(
                before.atOffset(ZoneOffset.UTC),
                lane.saleId().value(),
                lane.number(),
                lane.epoch(),
                ended.recordedSeq());
        return postgres.query("retire lane " + lane, RETIRE, arguments)
                .compose(updated -> sales.refresh(lane.saleId()).map(updated.rowCount() == 1));
    }

    /** Retired lanes that Redis may still have. */
    public Future<List<EndedLane>> uncleared() {
        return postgres.query("find retired lanes in Redis", FIND_UNCLEARED, Tuple.tuple())
                .map(RetirementBook::lanes);
    }

    /** Redis does not have the retired lane any more. */
    public Future<Void> cleared(EndedLane retired) {
        return postgres.query("mark lane " + retired.lane() + " cleared", CLEARED, names(retired))
                .mapEmpty();
    }

    /** Something has happened on it after all: it is open again until that is recorded. */
    public Future<Void> takeBack(EndedLane retired) {
        return postgres.query("take lane " + retired.lane() + " back", TAKE_BACK, names(retired))
                .compose(updated -> sales.refresh(retired.lane().saleId()))
                .mapEmpty();
    }

    private static Tuple names(EndedLane ended) {
        Lane lane = ended.lane();
        return Tuple.of(lane.saleId().value(), lane.number(), lane.epoch(), ended.recordedSeq());
    }

    private static List<EndedLane> lanes(RowSet<Row> rows) {
        List<EndedLane> lanes = new ArrayList<>();
        rows.forEach(row -> lanes.add(new EndedLane(
                new Lane(new SaleId(row.getString("sale_id")), row.getInteger("lane"), row.getLong("epoch")),
                row.getLong("recorded_seq"))));
        return lanes;
    }
}
