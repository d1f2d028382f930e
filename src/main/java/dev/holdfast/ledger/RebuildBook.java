package dev.holdfast.ledger;

import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Iterator;
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
            select epoch, state, state_reason, recorded_seq, restoring_ended from lanes
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
            insert into rebuilds (epoch, sale_id, lane, from_epoch, reason, source, was_open, was_restoring, lease_until)
            values ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp() + interval '10 seconds')
            """;

    /** As long as ADD gives it. */
    private static final String RENEW = """
            update rebuilds set lease_until = clock_timestamp() + interval '10 seconds'
            where sale_id = $1 and lane = $2 and epoch = $3 and state = 'running'
            """;

    private static final String ABANDONED = """
            select sale_id, lane, epoch, from_epoch, source
            from rebuilds
            where state = 'running' and lease_until < clock_timestamp()
            order by lease_until
            limit 100
            """;

    private static final String ABANDONED_WHY = "the node that did it ended, or stood still: ask again";

    /** As long as its incident is open: nobody has rebuilt the sale since. */
    private static final String FAILED_FROM_REDIS = """
            select from incidents
            where sale_id = $1 and kind = 'rebuild-failed' and state = 'open' and details ->> 'ask' is null and (details -> 'ask') is not null
            """;

    private static final String LOCK_LANE = """
            select from lanes where sale_id = $1 and lane = $2 for no key update
            """;

    private static final String IS_ABANDONED = """
            select from rebuilds
            where sale_id = $1 and lane = $2 and epoch = $3 and state = 'running' and lease_until < clock_timestamp()
            for no key update
            """;

    /** The lane is as it was before the rebuild began: its epoch, its cursor and Redis were not touched. */
    private static final String UNDO = """
            update lanes l
            set state = 'open', state_reason = null, version = l.version + 1, recorder = null, restoring_ended = r.was_restoring
            from rebuilds r
            where l.sale_id = $1 and l.lane = $2 and l.state = 'rebuilding' and l.recorder = $3 and l.epoch = $4
              and r.sale_id = l.sale_id and r.lane = l.lane and r.epoch = $5 and r.was_open
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

    /** SKUs that admins put up, and whose putting up was lost before it was recorded. */
    private static final String LOST_SKUS = """
            select k.*
            from adjusted_skus k
            where k.sale_id = $1
              and not exists (select from stock s where s.sale_id = k.sale_id and s.lane = $2 and s.sku = k.sku)
            order by k.sku
            """;

    /** They were put up in Redis again by now; where that is lost, too, before it is recorded, the resender finds them. */
    private static final String RESEND_LOST_SKUS = """
            update skus k set applied_version = 0
            where k.sale_id = $1
              and not exists (select from stock s where s.sale_id = k.sale_id and s.lane = $2 and s.sku = k.sku)
            """;

    /**
     * Nodes that live write their rows every second; one that ended in order removed its own. A node that died when all that it told was
     * recorded knew nothing that is lost: it was seen last before the lane was recorded last, and half a minute is for a recorder that is
     * behind. Where PostgreSQL came back older since the sale was opened last, what nodes had seen recorded is lost, too, and they remember only
     * the last of it.
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
                                    and n.seen_at > c.at - interval '30 seconds'), false)
                   or exists (select from incidents i
                              where i.sale_id is null and i.kind = $6 and i.last_at > clock_timestamp() - interval '1 day'
                                and i.last_at > (select coalesce(max(r.opened_at), '-infinity')
                                                 from rebuilds r where r.sale_id = $1 and r.lane = $2)) as forgotten
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

    /** At these the lane stopped before the rebuild began. */
    private static final String DISCARD_LETTERS = """
            update dead_letters d
            set state = 'discarded', took_effect = false, settled_at = clock_timestamp(), settled_by = $4, settled_reason = $5
            from rebuilds r
            where r.sale_id = $1 and r.lane = $2 and r.epoch = $3
              and d.sale_id = r.sale_id and d.lane = r.lane and d.epoch < r.epoch
              and d.state = 'waiting' and d.stops_lane and d.recorded_at < r.started_at
            returning d.dead_letter_id
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
                        Tuple.of(to.saleId().value(), to.number(), to.epoch())
                                .addBoolean(lost)
                                .addString(IncidentKind.HISTORY_LOST.word())
                                .addString(IncidentKind.DATABASE_RESTORED.word()))
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

    /** SKUs that admins put up and whose putting up Redis lost before it was recorded. */
    public Future<List<SkuRules>> lostSkus(Rebuild rebuild) {
        Lane to = rebuild.to();
        return postgres.query(
                        "find lost SKUs of lane " + to,
                        LOST_SKUS,
                        Tuple.of(to.saleId().value(), to.number()))
                .map(rows -> {
                    List<SkuRules> lost = new ArrayList<>();
                    rows.forEach(row -> lost.add(SkuRows.rules(row)));
                    return lost;
                });
    }

    /**
     * The lane has all that is needed to sell, and sells again; ended reservations follow.
     *
     * @param rememberedFromMs what ended before is not restored, ms by the sale's clock
     * @param receiptsFirst whether only receipts take units for the sale's {@code reclaimSeconds}
     */
    public Future<Void> open(Rebuild rebuild, long reservations, long rememberedFromMs, boolean receiptsFirst) {
        return open(rebuild, reservations, rememberedFromMs, receiptsFirst, null);
    }

    /**
     * As {@link #open}, where what the books lack was not to come back: dead letters at which the lane stopped before are settled as discarded,
     * with their incidents.
     *
     * @param discard by whom it was said, and why
     */
    public Future<Void> openDiscarding(Rebuild rebuild, long reservations, long rememberedFromMs, AdminAction discard) {
        return open(rebuild, reservations, rememberedFromMs, false, discard);
    }

    private Future<Void> open(
            Rebuild rebuild,
            long reservations,
            long rememberedFromMs,
            boolean receiptsFirst,
            @Nullable AdminAction discard) {
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
                                .compose(ended -> discard == null
                                        ? Future.succeededFuture()
                                        : discardLetters(connection, to, discard))
                                .compose(ended ->
                                        report(connection, rebuild, "done", reservations, null, rememberedFromMs)))
                .compose(opened -> sales.refresh(to.saleId()))
                .mapEmpty();
    }

    /**
     * A rebuild that failed.
     *
     * @param why for people
     * @param wayOut what to do, in sentences that follow that; empty where asking again is all
     * @param ask for what to ask with the next one, as in the body of a request; null where one from redis fails whenever it is asked for
     */
    public record Failed(
            String why, String wayOut, @Nullable JsonObject ask) {

        private static final String WITHOUT_REDIS =
                "A rebuild from redis does not get past this: read the numbers of both sides, in the refusal of"
                        + " a rebuild without \"from\" (would-lose), then ask for one with \"discard\" and the number of reservations that it"
                        + " names, by which each of them is ended and listed. Where there are units for them, raise the capacity when the sale is"
                        + " open again.";

        /** What is worth asking for again as it was. */
        public static Failed again(String why, JsonObject ask) {
            return new Failed(why, "", ask);
        }

        /** From redis, and so will the next one. */
        public static Failed fromRedis(String why) {
            return new Failed(why, WITHOUT_REDIS, null);
        }

        Failed afterOneFromRedis() {
            return ask != null && RebuildSource.REDIS.word().equals(ask.getValue("from")) ? fromRedis(why) : this;
        }

        String told() {
            String sentence = why.endsWith(".") || wayOut.isEmpty() ? why : why + '.';
            return DeadLetters.storable(wayOut.isEmpty() ? sentence : sentence + ' ' + wayOut);
        }

        /** What to ask for with a rebuild that goes by this side. */
        public static JsonObject asking(RebuildSource source) {
            return source == RebuildSource.POSTGRES ? new JsonObject() : new JsonObject().put("from", source.word());
        }
    }

    /** The lane stays closed; says why, in an incident, too. Fails with {@link Overtaken} where a later rebuild has begun. */
    public Future<Void> fail(Rebuild rebuild, Failed why) {
        return postgres.inTransaction(
                        "give up rebuilding lane " + rebuild.to(),
                        connection -> close(connection, rebuild, why).compose(ended -> requireOurs(rebuild, ended)))
                .compose(failed -> sales.refresh(rebuild.to().saleId()))
                .mapEmpty();
    }

    /**
     * As {@link #fail}, for one that failed before it changed anything in Redis or in the books: a lane that was open before sells again. Answers
     * whether it does.
     */
    public Future<Boolean> failUntouched(Rebuild rebuild, Failed why) {
        Lane to = rebuild.to();
        return postgres.inTransaction(
                        "give up rebuilding lane " + to,
                        connection -> connection
                                .preparedQuery(UNDO)
                                .execute(Tuple.of(
                                        to.saleId().value(),
                                        to.number(),
                                        rebuild.recorder(),
                                        rebuild.from().epoch(),
                                        to.epoch()))
                                .compose(undone -> undone.rowCount() == 1
                                        ? told(
                                                        connection,
                                                        rebuild,
                                                        why,
                                                        "Nothing was changed, and the sale goes on selling.")
                                                .map(true)
                                        : close(connection, rebuild, why)
                                                .compose(ended -> requireOurs(rebuild, ended))
                                                .map(false)))
                .compose(sells -> sales.refresh(to.saleId()).map(sells));
    }

    /** Why a rebuild failed, for people. */
    public static String why(Throwable failure) {
        return failure instanceof Unavailable unavailable
                ? unavailable.told().orElseGet(() -> PgErrors.told(unavailable))
                : PgErrors.told(failure);
    }

    /** This node still works on it. Not to be waited for, and nothing fails by it: one that lost its lane finds out by its next step. */
    public void renew(Rebuild rebuild) {
        postgres.query("go on with the rebuild of lane " + rebuild.to(), RENEW, of(rebuild.to()))
                .onFailure(failure ->
                        LOG.debug("lane {}: its rebuild is not renewed: {}", rebuild.to(), failure.getMessage()));
    }

    /** Marks rebuilds as failed whose node ended or stands still. Any node may do it, and several at once. */
    public Future<Void> failAbandoned() {
        return postgres.query("look for abandoned rebuilds", ABANDONED, Tuple.tuple())
                .compose(rows -> {
                    Iterator<Row> each = rows.iterator();
                    return AsyncLoop.whileTrue(() -> {
                        if (!each.hasNext()) {
                            return Future.succeededFuture(false);
                        }
                        Row row = each.next();
                        Failed why = Failed.again(ABANDONED_WHY, Failed.asking(source(row)));
                        return failAbandoned(abandoned(row), why).map(true);
                    });
                });
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

    private static Future<Void> discardLetters(SqlConnection connection, Lane to, AdminAction discard) {
        String actor = discard.author().actor();
        String reason = DeadLetters.storable(
                "the sale was rebuilt with discard: " + Objects.requireNonNullElse(discard.reason(), ""));
        return connection
                .preparedQuery(DISCARD_LETTERS)
                .execute(of(to).addString(actor).addString(reason))
                .compose(rows -> {
                    Iterator<Row> each = rows.iterator();
                    return AsyncLoop.whileTrue(() -> each.hasNext()
                            ? Incidents.settledLetter(connection, each.next().getLong("dead_letter_id"), actor, reason)
                                    .map(true)
                            : Future.succeededFuture(false));
                });
    }

    private static Rebuild abandoned(Row row) {
        SaleId saleId = new SaleId(row.getString("sale_id"));
        int number = row.getInteger("lane");
        return new Rebuild(
                new Lane(saleId, number, row.getLong("from_epoch")), new Lane(saleId, number, row.getLong("epoch")), 0);
    }

    private static RebuildSource source(Row row) {
        return RebuildSource.valueOf(row.getString("source").toUpperCase(Locale.ROOT));
    }

    /** One that was renewed meanwhile, or has ended, stays as it is. */
    private Future<Void> failAbandoned(Rebuild rebuild, Failed why) {
        return postgres.inTransaction(
                        "end the abandoned rebuild of lane " + rebuild.to(),
                        // The lane first, as everybody else locks them.
                        connection -> connection
                                .preparedQuery(LOCK_LANE)
                                .execute(Tuple.of(
                                        rebuild.to().saleId().value(),
                                        rebuild.to().number()))
                                .compose(locked ->
                                        connection.preparedQuery(IS_ABANDONED).execute(of(rebuild.to())))
                                .compose(rows -> rows.size() == 0
                                        ? Future.<Void>succeededFuture()
                                        : endAbandoned(connection, rebuild, why)))
                .compose(done -> sales.refresh(rebuild.to().saleId()))
                .mapEmpty();
    }

    /** The lane may be another one's already: then there is nothing to tell of it. */
    private static Future<Void> endAbandoned(SqlConnection connection, Rebuild rebuild, Failed why) {
        return close(connection, rebuild, why)
                .compose(ended -> ended == 1
                        ? Future.succeededFuture()
                        : report(connection, rebuild, "failed", null, why.told(), null));
    }

    /** Answers 1, or 0 where the lane is not this rebuild's any more: then nothing is written. */
    private static Future<Integer> close(SqlConnection connection, Rebuild rebuild, Failed why) {
        return end(connection, rebuild, "recovering", "rebuilding failed: " + why.told())
                .compose(ended -> ended == 0
                        ? Future.succeededFuture(0)
                        : told(connection, rebuild, why, "The sale does not sell.")
                                .map(ended));
    }

    private static Future<Void> told(SqlConnection connection, Rebuild rebuild, Failed failed, String outcome) {
        return connection
                .preparedQuery(FAILED_FROM_REDIS)
                .execute(Tuple.of(rebuild.to().saleId().value()))
                .compose(before ->
                        write(connection, rebuild, before.size() == 0 ? failed : failed.afterOneFromRedis(), outcome));
    }

    private static Future<Void> write(SqlConnection connection, Rebuild rebuild, Failed why, String outcome) {
        String text = why.told();
        return report(connection, rebuild, "failed", null, text, null)
                .compose(reported -> Incidents.add(
                        connection,
                        rebuild.to(),
                        new NewIncident(
                                        IncidentKind.REBUILD_FAILED,
                                        "The rebuild under epoch "
                                                + rebuild.to().epoch() + " failed: " + text
                                                + (text.endsWith(".") ? " " : ". ") + outcome)
                                .with(new JsonObject().put(IncidentKind.ASK, why.ask()))))
                .mapEmpty();
    }

    private static Tuple of(Lane lane) {
        return Tuple.of(lane.saleId().value(), lane.number(), lane.epoch());
    }

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
                        .compose(over -> connection.preparedQuery(ADD).execute(row(rebuild, before, begun)))
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

    private static Tuple row(Rebuild rebuild, Row before, Begun begun) {
        Lane to = rebuild.to();
        return Tuple.of(
                to.epoch(),
                to.saleId().value(),
                to.number(),
                rebuild.from().epoch(),
                begun.reason(),
                begun.source().word(),
                before.getString("state").equals("open"),
                before.getBoolean("restoring_ended"));
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
                source(row),
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
