package dev.holdfast.ledger;

import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * PostgreSQL's part in writing a lane anew. Every step fails with {@link Overtaken} where a later rebuild has begun, and as PostgreSQL
 * does. Safe for all threads.
 */
public final class RebuildBook {

    private static final Logger LOG = LoggerFactory.getLogger(RebuildBook.class);

    private static final String LOCK = """
            select epoch, state, state_reason, recorded_seq from lanes
            where sale_id = $1 and lane = 0 and state <> 'retired'
            for no key update
            """;

    /**
     * From here on no node sells on the lane or records it, and an earlier rebuild has lost it. Its epoch, and the one before it, are higher
     * than all that PostgreSQL gave out, to rebuilds that failed, too, and than all that Redis has seen: a PostgreSQL that is older than Redis
     * may give out an epoch again.
     */
    private static final String BEGIN = """
            with next as materialized (
                select greatest(nextval('lane_epoch'), l.epoch + 1, $3::bigint + 1,
                                (select max(r.epoch) + 1 from rebuilds r where r.sale_id = $1 and r.lane = 0)) + 1 as epoch
                from lanes l
                where l.sale_id = $1 and l.lane = 0
            )
            update lanes
            set state = 'rebuilding', state_reason = $2, version = version + 1, recorder = 'rebuild ' || next.epoch,
                restoring_ended = false
            from next
            where sale_id = $1 and lane = 0
            returning next.epoch
            """;

    private static final String OVERTAKE = """
            update rebuilds set state = 'failed', ended_at = clock_timestamp(), problem = 'another rebuild began'
            where sale_id = $1 and lane = 0 and state = 'running'
            """;

    private static final String ADD = """
            insert into rebuilds (epoch, sale_id, lane, from_epoch, reason, source) values ($1, $2, $3, $4, $5, $6)
            """;

    /** One life is over, and the next one begins, of which nothing is recorded. Repeating it changes nothing. */
    private static final String TURN = """
            update lanes set epoch = $3, recorded_seq = 0, recorded_hash = null, version = version + 1
            where sale_id = $1 and lane = $2 and state = 'rebuilding' and recorder = $4 and (epoch < $3 or recorded_seq = 0)
            """;

    private static final String PUT_ASIDE = """
            update rebuilds set put_aside = $4 where sale_id = $1 and lane = $2 and epoch = $3
            """;

    private static final String PROGRESS = """
            update rebuilds set phase = $4, done = $5, total = $6
            where sale_id = $1 and lane = $2 and epoch = $3 and state = 'running'
            """;

    /**
     * Of a lane whose ledger was put aside in part nobody knows by its end that the books have all of it. What a person discarded or mended
     * of a reservation the books do not have as Redis has it, either.
     */
    private static final String HAS_ENTRY = """
            select coalesce((select b.entries[$4::bigint - b.first_seq + 1] = $5
                             from ledger_batches b
                             where b.sale_id = $1 and b.lane = $2 and b.epoch = $3 and b.first_seq <= $4
                             order by b.first_seq desc
                             limit 1), false)
               and not exists (select from dead_letters
                               where sale_id = $1 and lane = $2 and epoch = $3
                                 and (state = 'waiting'
                                      or reservation_id is not null and (state = 'discarded' or mended_entry is not null))) as has_entry
            """;

    /** A SKU whose putting up was lost before it was recorded is to be put up again. */
    private static final String RESEND_LOST_SKUS = """
            update skus k set applied_version = 0
            where k.sale_id = $1
              and not exists (select from stock s where s.sale_id = k.sale_id and s.lane = $2 and s.sku = k.sku)
            """;

    /**
     * Nodes that live write their rows every second; one that ended in order removed its own. A node that died when all that it told was
     * recorded knew nothing that is lost: it was seen last before the lane was recorded last, and half a minute is for a recorder that is
     * behind.
     */
    private static final String MEMORY = """
            with loss as (
                select epoch, at from incidents
                where sale_id = $1 and lane = $2 and kind = $5 and state = 'open'
                order by incident_id
                limit 1
            ),
            life as (
                select coalesce((select epoch from loss), r.from_epoch) as epoch,
                       coalesce((select at from loss), r.started_at) as ended_at, r.started_at
                from rebuilds r
                where r.sale_id = $1 and r.lane = $2 and r.epoch = $3
            ),
            recorded as (
                select coalesce((select b.recorded_at
                                 from ledger_batches b
                                 join life l on b.epoch = l.epoch and b.recorded_at <= l.ended_at
                                 where b.sale_id = $1 and b.lane = $2
                                 order by b.first_seq desc
                                 limit 1), timestamptz '-infinity') as at
            )
            select ($4 or exists (select from loss)) and (select reclaim_ms > 0 from sales where sale_id = $1) as lost,
                   coalesce(bool_or(n.seen_at < l.started_at and n.seen_at >= clock_timestamp() - interval '10 seconds'), false) as unsure,
                   coalesce(bool_or(n.seen_at < clock_timestamp() - interval '10 seconds'
                                    and n.seen_at > c.at - interval '30 seconds'), false) as forgotten
            from life l
            cross join recorded c
            left join nodes n on true
            """;

    private static final String RECEIPTS_FIRST = """
            update lanes l
            set receipts_first_until = greatest(l.receipts_first_until, clock_timestamp() + s.reclaim_ms * interval '1 millisecond')
            from sales s
            where l.sale_id = $1 and l.lane = $2 and s.sale_id = l.sale_id
            """;

    private static final String END = """
            update lanes
            set state = $5, state_reason = $6, version = version + 1, recorder = null, restoring_ended = $7
            where sale_id = $1 and lane = $2 and state = 'rebuilding' and recorder = $3 and epoch = any ($4)
            """;

    private static final String REPORT = """
            update rebuilds
            set state = $4, ended_at = clock_timestamp(), opened_at = case when $4 = 'done' then clock_timestamp() end,
                reservations = $5, problem = $6, remembered_from = $7,
                phase = case when $4 = 'done' then 'ended-reservations' else phase end,
                done = case when $4 = 'done' then 0 else done end, total = case when $4 = 'done' then 0 else total end
            where sale_id = $1 and lane = $2 and epoch = $3 and state = 'running'
            """;

    private static final String LATEST = """
            select r.*, l.restoring_ended and l.epoch = r.epoch as restoring_ended,
                   case when l.receipts_first_until > clock_timestamp() then l.receipts_first_until end as receipts_first_until
            from rebuilds r
            join lanes l using (sale_id, lane)
            where r.sale_id = $1
            order by r.epoch desc
            limit 1
            """;

    private static final String FINDINGS = """
            select finding_id, kind, reservation_id, sku, customer_id, detail
            from rebuild_findings
            where sale_id = $1 and lane = 0 and finding_id > $2
              and epoch = (select max(epoch) from rebuilds where sale_id = $1 and lane = 0)
            order by finding_id
            limit $3
            """;

    private final Postgres postgres;
    private final SaleBook sales;
    private final LedgerBook ledger;

    /** Tells the book of sales at once when a lane changes. */
    RebuildBook(Postgres postgres, SaleBook sales, LedgerBook ledger) {
        this.postgres = postgres;
        this.sales = sales;
        this.ledger = ledger;
    }

    /**
     * Stops the lane and issues its next epoch, whatever state it is in; empty where there is no such sale.
     *
     * @param seenEpoch the highest that Redis has seen of this lane, 0 for none
     */
    public Future<Optional<Rebuild>> begin(SaleId saleId, RebuildSource source, long seenEpoch, AdminAction action) {
        return postgres.inTransaction(
                        "begin to rebuild " + saleId,
                        connection -> connection
                                .preparedQuery(LOCK)
                                .execute(Tuple.of(saleId.value()))
                                .map(SaleRows::first)
                                .compose(found -> found.isEmpty()
                                        ? Future.succeededFuture(Optional.<Rebuild>empty())
                                        : begin(connection, found.get(), new Begun(saleId, source, seenEpoch, action))
                                                .map(Optional::of)))
                .compose(begun -> sales.refresh(saleId).map(begun));
    }

    /** Records what the sealed lane's ledger still has, up to a gap if there is one. Fails as Redis does, too. */
    public Future<Salvaged> salvage(Rebuild rebuild, LedgerStream stream) {
        return new Salvage(postgres, stream, rebuild, rebuild.recordedSeq(), false).run();
    }

    /** Puts aside what the sealed lane's ledger has behind a gap. Fails as Redis does, too. */
    public Future<Salvaged> putAsideTheRest(Rebuild rebuild, Salvaged before, LedgerStream stream) {
        return new Salvage(postgres, stream, rebuild, before.recordedSeq(), true)
                .run()
                .map(before::plus);
    }

    /**
     * Whether the books have this entry at this place, and none before it in its epoch was put aside: then they have all that a lane had
     * whose ledger ends there.
     */
    public Future<Boolean> hasAllUpTo(Lane lane, long seq, String entry) {
        return postgres.query(
                        "look for entry " + seq + " of lane " + lane,
                        HAS_ENTRY,
                        Tuple.of(lane.saleId().value(), lane.number(), lane.epoch(), seq, entry))
                .map(rows -> rows.iterator().next().getBoolean("has_entry"));
    }

    /** Tells how far it is. Not to be waited for, and nothing fails by it. */
    public void progress(Rebuild rebuild, RebuildReport.Phase phase) {
        Lane to = rebuild.to();
        postgres.query(
                        "tell how far the rebuild of lane " + to + " is",
                        PROGRESS,
                        Tuple.of(
                                to.saleId().value(),
                                to.number(),
                                to.epoch(),
                                phase.name(),
                                phase.done(),
                                phase.total()))
                .onFailure(failure -> LOG.debug("lane {}: progress is not told: {}", to, failure.getMessage()));
    }

    /** Gives up the lane's life for the next one, of which nothing is recorded yet; what was put aside of the old one is written down. */
    public Future<Void> turn(Rebuild rebuild, Lane next, long putAside) {
        Tuple arguments = Tuple.of(next.saleId().value(), next.number(), next.epoch(), rebuild.recorder());
        return postgres.inTransaction(
                "begin epoch of lane " + next,
                connection -> connection
                        .preparedQuery(TURN)
                        .execute(arguments)
                        .compose(turned -> requireOurs(rebuild, turned.rowCount()))
                        .compose(ours ->
                                putAside == 0 ? Future.succeededFuture() : noted(connection, rebuild, putAside)));
    }

    /** Reads the books as they are at one moment, however long it takes. */
    public <T> Future<T> read(Rebuild rebuild, Function<LaneSnapshot, Future<T>> work) {
        return postgres.inSnapshot(
                "read the books of lane " + rebuild.to(),
                connection -> work.apply(new LaneSnapshot(connection, rebuild.to())));
    }

    /** Records the first entries of the lane's new life, before anyone sells on it. */
    public Future<Void> check(Rebuild rebuild, List<LedgerEntry> entries) {
        return ledger.commit(rebuild.to(), 0, entries, rebuild.recorder()).compose(outcome -> switch (outcome) {
            case CommitOutcome.Recorded recorded -> Future.succeededFuture();
            case CommitOutcome.LostRace race -> Future.failedFuture(new Overtaken(rebuild));
            case CommitOutcome.Gap gap ->
                Future.failedFuture(new IllegalStateException("the new ledger begins at " + gap.foundSeq()));
            case CommitOutcome.Frozen frozen -> Future.failedFuture(new IllegalStateException(frozen.why()));
        });
    }

    /** Who remembers what callers were told of a lane. */
    public enum Memory {
        /** Nothing is lost, or the nodes that told it live, or have ended in order. */
        KNOWN,
        /** A node was not seen since the rebuild began, and may live: ask again. */
        UNSURE,
        /** A node died that may have told callers of what is lost. */
        FORGOTTEN
    }

    /**
     * Whether a node died that may have told callers of what Redis lost.
     *
     * @param lost whether Redis has less than the books
     */
    public Future<Memory> memory(Rebuild rebuild, boolean lost) {
        Lane to = rebuild.to();
        return postgres.query(
                        "look who knew lane " + to,
                        MEMORY,
                        Tuple.of(to.saleId().value(), to.number(), to.epoch(), lost, IncidentKind.HISTORY_LOST.word()))
                .map(rows -> rows.iterator().next())
                .map(row -> {
                    if (!row.getBoolean("lost")) {
                        return Memory.KNOWN;
                    }
                    return row.getBoolean("forgotten")
                            ? Memory.FORGOTTEN
                            : row.getBoolean("unsure") ? Memory.UNSURE : Memory.KNOWN;
                });
    }

    /**
     * The lane has all that is needed to sell, and sells again; ended reservations follow.
     *
     * @param rememberedFromMs what ended before is not restored, ms by the sale's clock
     * @param receiptsFirst whether only receipts take units for the sale's {@code reclaimSeconds}
     */
    public Future<Void> open(Rebuild rebuild, long reservations, long rememberedFromMs, boolean receiptsFirst) {
        Lane to = rebuild.to();
        return postgres.inTransaction(
                        "open lane " + to,
                        connection -> end(connection, rebuild, "open", null)
                                .compose(ended -> requireOurs(rebuild, ended))
                                .compose(ours -> receiptsFirst
                                        ? connection
                                                .preparedQuery(RECEIPTS_FIRST)
                                                .execute(Tuple.of(to.saleId().value(), to.number()))
                                                .<Void>mapEmpty()
                                        : Future.succeededFuture())
                                .compose(kept -> connection
                                        .preparedQuery(RESEND_LOST_SKUS)
                                        .execute(Tuple.of(to.saleId().value(), to.number())))
                                .compose(sent -> Incidents.endedByRebuild(connection, to))
                                .compose(ended ->
                                        report(connection, rebuild, "done", reservations, null, rememberedFromMs)))
                .compose(opened -> sales.refresh(to.saleId()))
                .mapEmpty();
    }

    /** The lane stays closed; says why. Fails with {@link Overtaken} where a later rebuild has begun. */
    public Future<Void> fail(Rebuild rebuild, String why) {
        String text = DeadLetters.storable(why);
        return postgres.inTransaction(
                        "give up rebuilding lane " + rebuild.to(),
                        connection -> end(connection, rebuild, "recovering", "rebuilding failed: " + text)
                                .compose(ended -> requireOurs(rebuild, ended))
                                .compose(ours -> report(connection, rebuild, "failed", null, text, null)))
                .compose(failed -> sales.refresh(rebuild.to().saleId()))
                .mapEmpty();
    }

    /** The sale's last rebuild; empty where there was none. */
    public Future<Optional<RebuildReport>> latest(SaleId saleId) {
        return postgres.query("find rebuild of " + saleId, LATEST, Tuple.of(saleId.value()))
                .map(rows -> SaleRows.first(rows).map(RebuildBook::report));
    }

    /** At most {@code limit} findings of the sale's last rebuild after this one, 0 for the first, in the order in which they were made. */
    public Future<List<RecordedFinding>> findings(SaleId saleId, long after, int limit) {
        return postgres.query("list findings of " + saleId, FINDINGS, Tuple.of(saleId.value(), after, limit))
                .map(rows -> {
                    List<RecordedFinding> findings = new ArrayList<>();
                    rows.forEach(row -> findings.add(finding(row)));
                    return findings;
                });
    }

    /** A finding with its number, by which it is found again. */
    public record RecordedFinding(long number, RebuildFinding finding) {}

    private record Begun(SaleId saleId, RebuildSource source, long seenEpoch, AdminAction action) {

        String reason() {
            return DeadLetters.storable(Objects.requireNonNullElse(action.reason(), ""));
        }
    }

    private static Future<Rebuild> begin(SqlConnection connection, Row before, Begun begun) {
        SaleId saleId = begun.saleId();
        return connection
                .preparedQuery(BEGIN)
                .execute(Tuple.of(saleId.value(), "is being rebuilt: " + begun.reason(), begun.seenEpoch()))
                .map(updated -> new Rebuild(
                        new Lane(saleId, 0, before.getLong("epoch")),
                        new Lane(saleId, 0, updated.iterator().next().getLong("epoch")),
                        before.getLong("recorded_seq")))
                .compose(rebuild -> connection
                        .preparedQuery(OVERTAKE)
                        .execute(Tuple.of(saleId.value()))
                        .compose(over -> connection.preparedQuery(ADD).execute(row(rebuild, begun)))
                        .compose(added -> AdminActions.add(
                                connection,
                                begun.action(),
                                saleId,
                                null,
                                json(before),
                                new JsonObject()
                                        .put("epoch", rebuild.to().epoch())
                                        .put("from", begun.source().word())))
                        .map(rebuild));
    }

    private static Tuple row(Rebuild rebuild, Begun begun) {
        Lane to = rebuild.to();
        return Tuple.of(
                to.epoch(),
                to.saleId().value(),
                to.number(),
                rebuild.from().epoch(),
                begun.reason(),
                begun.source().word());
    }

    private static JsonObject json(Row lane) {
        return new JsonObject()
                .put("epoch", lane.getLong("epoch"))
                .put("laneState", lane.getString("state"))
                .put("laneStateReason", lane.getString("state_reason"));
    }

    private static Future<Void> noted(SqlConnection connection, Rebuild rebuild, long putAside) {
        return connection
                .preparedQuery(PUT_ASIDE)
                .execute(Tuple.of(
                        rebuild.to().saleId().value(),
                        rebuild.to().number(),
                        rebuild.to().epoch(),
                        putAside))
                .compose(noted -> Incidents.add(
                        connection,
                        rebuild.from(),
                        new NewIncident(
                                IncidentKind.ENTRIES_PUT_ASIDE,
                                putAside + " entries are dead letters: the books could not take them")))
                .mapEmpty();
    }

    private static Future<Integer> end(
            SqlConnection connection, Rebuild rebuild, String state, @Nullable String reason) {
        Lane to = rebuild.to();
        boolean opens = state.equals("open");
        Long[] epochs = opens
                ? new Long[] {to.epoch()}
                : new Long[] {rebuild.from().epoch(), rebuild.concluding().epoch(), to.epoch()};
        return connection
                .preparedQuery(END)
                .execute(Tuple.of(to.saleId().value(), to.number(), rebuild.recorder(), epochs, state, reason, opens))
                .map(ended -> ended.rowCount());
    }

    private static Future<Void> report(
            SqlConnection connection,
            Rebuild rebuild,
            String state,
            @Nullable Long reservations,
            @Nullable String problem,
            @Nullable Long rememberedFromMs) {
        Lane to = rebuild.to();
        return connection
                .preparedQuery(REPORT)
                .execute(Tuple.of(
                        to.saleId().value(),
                        to.number(),
                        to.epoch(),
                        state,
                        reservations,
                        problem,
                        Columns.timeOrNull(rememberedFromMs)))
                .mapEmpty();
    }

    private static Future<Void> requireOurs(Rebuild rebuild, int rows) {
        return rows == 1 ? Future.succeededFuture() : Future.failedFuture(new Overtaken(rebuild));
    }

    private static RebuildReport report(Row row) {
        return new RebuildReport(
                row.getLong("epoch"),
                RebuildReport.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                RebuildSource.valueOf(row.getString("source").toUpperCase(Locale.ROOT)),
                row.getString("reason"),
                new RebuildReport.Phase(row.getString("phase"), row.getLong("done"), row.getLong("total")),
                Columns.ms(row.getOffsetDateTime("started_at")),
                Columns.msOrNull(row.getOffsetDateTime("opened_at")),
                Columns.msOrNull(row.getOffsetDateTime("ended_at")),
                row.getLong("reservations"),
                row.getLong("put_aside"),
                new RebuildReport.Findings(row.getLong("concluded"), row.getLong("discarded")),
                new RebuildReport.Ended(row.getLong("ended_restored"), row.getBoolean("restoring_ended")),
                Columns.msOrNull(row.getOffsetDateTime("receipts_first_until")),
                row.getString("problem"));
    }

    private static RecordedFinding finding(Row row) {
        String reservationId = row.getString("reservation_id");
        String sku = row.getString("sku");
        String customerId = row.getString("customer_id");
        return new RecordedFinding(
                row.getLong("finding_id"),
                new RebuildFinding(
                        RebuildFinding.Kind.valueOf(
                                row.getString("kind").toUpperCase(Locale.ROOT).replace('-', '_')),
                        reservationId == null ? null : new ReservationId(reservationId),
                        sku == null ? null : new Sku(sku),
                        customerId == null ? null : new CustomerId(customerId),
                        row.getString("detail")));
    }
}
