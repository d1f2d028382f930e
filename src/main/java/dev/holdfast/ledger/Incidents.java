package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What went wrong and needs a person. The one place that writes it down: inside the transaction that found it, together with the state of
 * the lane. The same thing that happens again while its incident is open is counted, and not written twice. Safe for all threads.
 */
public final class Incidents {

    /**
     * Which ones to find; null where that does not matter.
     *
     * @param subject as {@link NewIncident} has it
     */
    public record Query(
            @Nullable SaleId saleId,
            Incident.@Nullable State state,
            @Nullable IncidentKind kind,
            @Nullable String subject) {}

    private static final Logger LOG = LoggerFactory.getLogger(Incidents.class);

    private static final int COUNT_MS = 2_000;

    /** Of what was over by itself. */
    private static final String NOBODY = "holdfast";

    /** Only an open lane can stop, and only in this epoch: a report that comes twice or too late changes nothing. */
    private static final String STOP = """
            update lanes
            set state = $4, state_reason = $5, version = version + 1, recorder = null
            where sale_id = $1 and lane = $2 and epoch = $3 and state = 'open'
            """;

    private static final String ADD = """
            insert into incidents as i (sale_id, lane, epoch, kind, subject, units, detail, details)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            on conflict (sale_id, kind, subject) where state = 'open' do update
            set lane = excluded.lane, epoch = excluded.epoch, units = excluded.units, detail = excluded.detail,
                details = excluded.details, times = i.times + 1, last_at = now()
            returning incident_id, times
            """;

    private static final String NEWEST_FIRST = "incident_id desc";

    private static final String OF_ALL = "select * from incidents where incident_id < $1";

    private static final String WANTED = """
            ($2::text is null or state = $2) and ($3::text is null or kind = $3) and ($4::text is null or subject = $4)
            """;

    private static final String FIND = BoundedWalk.sql(OF_ALL, NEWEST_FIRST, WANTED, "$5");

    private static final String FIND_OF_SALE =
            BoundedWalk.sql(OF_ALL + " and sale_id = $6", NEWEST_FIRST, WANTED, "$5");

    private static final String ONE = """
            select * from incidents where incident_id = $1
            """;

    private static final String LOCK = ONE + " for no key update";

    private static final String RESOLVE = """
            update incidents
            set state = 'resolved', resolved_at = clock_timestamp(), resolved_by = $2, resolved_reason = $3, detail = $4
            where incident_id = $1
            returning *
            """;

    private static final String RESOLVE_KINDS = """
            update incidents
            set state = 'resolved', resolved_at = clock_timestamp(), resolved_by = $4, resolved_reason = $5
            where sale_id = $1 and state = 'open' and kind = any ($2) and ($3::text is null or subject = $3)
            """;

    private static final String RESOLVE_OTHERS = """
            update incidents
            set state = 'resolved', resolved_at = clock_timestamp(), resolved_by = $4, resolved_reason = $5
            where sale_id = $1 and state = 'open' and kind = $2 and (subject is null or subject <> all ($3))
              and last_at < $6
            """;

    /** Of a dead letter there is one at most. */
    private static final String OF_LETTER = """
            state = 'open' and kind = any ($1) and subject = $2
            """;

    private static final String LOCK_OF_LETTER = "select 1 from incidents where " + OF_LETTER + " for no key update";

    private static final String RESOLVE_OF_LETTER = "update incidents set state = 'resolved',"
            + " resolved_at = clock_timestamp(), resolved_by = $3, resolved_reason = $4 where " + OF_LETTER;

    private static final String NOW = """
            select clock_timestamp() as now
            """;

    /** What was refused is recorded in order: a batch that came after the last refusal has it. */
    private static final String RECORDED_AGAIN = """
            update incidents i
            set state = 'resolved', resolved_at = clock_timestamp(), resolved_by = $2, resolved_reason = 'recording goes on'
            where i.kind = $1 and i.state = 'open'
              and (select b.recorded_at
                   from ledger_batches b
                   where b.sale_id = i.sale_id and b.lane = i.lane
                   order by b.epoch desc, b.first_seq desc
                   limit 1) > i.last_at
            """;

    private static final String COUNT_OPEN = """
            select count(*) as open from incidents where state = 'open'
            """;

    private final Postgres postgres;
    private final SaleBook sales;
    private final StoppedLanes stoppedLanes;
    private volatile long open;
    private volatile boolean counting;
    private volatile long timer = -1;

    /** Tells the book of sales at once when a lane stops. */
    public Incidents(Postgres postgres, SaleBook sales) {
        this.postgres = postgres;
        this.sales = sales;
        this.stoppedLanes = new StoppedLanes(sales);
    }

    /** Closes in Redis the lanes that stop. */
    public StoppedLanes stoppedLanes() {
        return stoppedLanes;
    }

    /** Counts open incidents from now on, every two seconds. */
    public Future<Void> start() {
        timer = postgres.vertx().setPeriodic(0, COUNT_MS, tick -> count());
        return Future.succeededFuture();
    }

    /** Ends what {@link #start} began. */
    public Future<Void> stop() {
        postgres.vertx().cancelTimer(timer);
        return Future.succeededFuture();
    }

    /** How many were open when they were last counted, of all sales; 0 while PostgreSQL was never asked. */
    public long open() {
        return open;
    }

    /**
     * Writes down what happened to a lane, and stops the lane where the kind says so. Answers false where the kind stops the lane and it
     * was not open in this epoch: then it is somebody else's already, and nothing is written. Fails with
     * {@link dev.holdfast.reservation.Unavailable}.
     */
    public Future<Boolean> report(Lane lane, NewIncident incident) {
        return postgres.inTransaction(
                        "report an incident of lane " + lane,
                        connection -> incident.kind().stopsTheLane()
                                ? stop(connection, lane, incident)
                                        .compose(stopped -> stopped
                                                ? stoppedLanes.close(lane).map(true)
                                                : Future.succeededFuture(false))
                                : add(connection, lane, incident).map(true))
                .compose(written -> incident.kind().stopsTheLane()
                        ? sales.refresh(lane.saleId()).map(written)
                        : Future.succeededFuture(written));
    }

    /** Writes down what happened to no sale alone. Fails with {@link dev.holdfast.reservation.Unavailable}. */
    public Future<Void> report(NewIncident incident) {
        return postgres.inTransaction("report an incident", connection -> add(connection, null, incident))
                .mapEmpty();
    }

    /**
     * Finds at most {@code limit}, the latest first. Fails with {@link dev.holdfast.reservation.Unavailable}.
     *
     * @param beforeId where an earlier search ended; null for a new one
     */
    public Future<Found<Incident, Long>> find(Query query, @Nullable Long beforeId, int limit) {
        Incident.State state = query.state();
        IncidentKind kind = query.kind();
        Tuple arguments = Tuple.of(
                beforeId == null ? Long.MAX_VALUE : beforeId,
                state == null ? null : state.name().toLowerCase(Locale.ROOT),
                kind == null ? null : kind.word(),
                query.subject(),
                limit + 1);
        SaleId saleId = query.saleId();
        return (saleId == null
                        ? postgres.query("find incidents", FIND, arguments)
                        : postgres.query(
                                "find incidents of " + saleId, FIND_OF_SALE, arguments.addString(saleId.value())))
                .map(rows -> BoundedWalk.found(rows, limit, Incidents::incident, Incident::id));
    }

    /** Empty where there is none with this number. Fails with {@link dev.holdfast.reservation.Unavailable}. */
    public Future<Optional<Incident>> find(long id) {
        return postgres.query("find incident " + id, ONE, Tuple.of(id))
                .map(rows -> SaleRows.first(rows).map(Incidents::incident));
    }

    /**
     * Ends an incident for the action's reason. One that is resolved already stays as it is. Answers what it is then; empty where there is
     * none with this number. Fails with {@link dev.holdfast.reservation.Unavailable}.
     */
    public Future<Optional<Incident>> resolve(AdminAction action, long id) {
        return resolve(action, id, "");
    }

    /** The same; what was concluded stands in its detail from then on, unless that is empty. */
    public Future<Optional<Incident>> resolve(AdminAction action, long id, String concluded) {
        return postgres.inTransaction(
                        "resolve incident " + id,
                        connection -> connection
                                .preparedQuery(LOCK)
                                .execute(Tuple.of(id))
                                .map(rows -> SaleRows.first(rows).map(Incidents::incident))
                                .compose(found -> found.isEmpty() || found.get().state() == Incident.State.RESOLVED
                                        ? Future.succeededFuture(found)
                                        : resolve(connection, action, found.get(), concluded)
                                                .map(Optional::of)))
                .onSuccess(resolved -> count());
    }

    /** Writes down what happened, and stops the lane as the kind says. False where the lane was not open in this epoch. */
    static Future<Boolean> stop(SqlConnection connection, Lane lane, NewIncident incident) {
        String reason = DeadLetters.storable(incident.detail());
        return connection
                .preparedQuery(STOP)
                .execute(Tuple.of(
                        lane.saleId().value(),
                        lane.number(),
                        lane.epoch(),
                        incident.kind().laneAfter().word(),
                        reason))
                .compose(stopped -> stopped.rowCount() == 0
                        ? Future.succeededFuture(false)
                        : add(connection, lane, incident)
                                // Nodes may have filed before this what callers were told of.
                                .compose(added -> LostAnswers.tell(connection, lane, false))
                                .map(true));
    }

    /** Writes down what happened; the lane stays as it is. Answers the number of the incident. */
    static Future<Long> add(SqlConnection connection, @Nullable Lane lane, NewIncident incident) {
        JsonObject details = incident.details();
        Tuple arguments = Tuple.from(new @Nullable Object[] {
            lane == null ? null : lane.saleId().value(),
            lane == null ? null : lane.number(),
            lane == null ? null : lane.epoch(),
            incident.kind().word(),
            incident.subject(),
            incident.units(),
            DeadLetters.storable(incident.detail()),
            details
        });
        return connection.preparedQuery(ADD).execute(arguments).map(rows -> {
            Row row = rows.iterator().next();
            tell(lane, incident, row.getLong("incident_id"), row.getLong("times"));
            return row.getLong("incident_id");
        });
    }

    /** The sale is rebuilt: what only a rebuild could end is over. */
    static Future<Void> endedByRebuild(SqlConnection connection, Lane to) {
        String[] kinds = Arrays.stream(IncidentKind.values())
                .filter(IncidentKind::isClosedByRebuild)
                .map(IncidentKind::word)
                .toArray(String[]::new);
        return resolve(connection, to.saleId(), kinds, null, "the sale was rebuilt, under epoch " + to.epoch());
    }

    /** By the clock that says when incidents were told. Fails with {@link dev.holdfast.reservation.Unavailable}. */
    public Future<OffsetDateTime> now() {
        return postgres.query("ask the time", NOW, Tuple.tuple())
                .map(rows -> rows.iterator().next().getOffsetDateTime("now"));
    }

    /**
     * Whatever of this kind was told of the sale is over, but for these subjects. Fails with
     * {@link dev.holdfast.reservation.Unavailable}.
     *
     * @param lookedAt when the look began that did not find the rest: what was told later is not over
     */
    public Future<Void> over(
            SaleId saleId, IncidentKind kind, Collection<String> butFor, OffsetDateTime lookedAt, String why) {
        Tuple arguments = Tuple.of(
                saleId.value(),
                kind.word(),
                butFor.toArray(String[]::new),
                NOBODY,
                DeadLetters.storable(why),
                lookedAt);
        return postgres.query("end incidents " + kind.word() + " of " + saleId, RESOLVE_OTHERS, arguments)
                .mapEmpty();
    }

    /** What was told of this subject is mended. Fails with {@link dev.holdfast.reservation.Unavailable}. */
    public Future<Void> mended(SaleId saleId, IncidentKind kind, String subject, String how) {
        return postgres.inTransaction(
                "end the incident " + kind.word() + " of " + subject + " of " + saleId,
                connection -> over(connection, saleId, kind, subject, how));
    }

    /** What an incident told of is gone by itself. */
    static Future<Void> over(SqlConnection connection, SaleId saleId, IncidentKind kind, String subject, String why) {
        return resolve(connection, saleId, new String[] {kind.word()}, subject, why);
    }

    /** To be called before the letter itself is locked: whoever resolves the incident locks in this order, too. */
    static Future<Void> lockOfLetter(SqlConnection connection, long letterId) {
        return connection
                .preparedQuery(LOCK_OF_LETTER)
                .execute(ofLetter(letterId))
                .mapEmpty();
    }

    /** Someone has dealt with the dead letter, and so with its incident. */
    static Future<Void> settledLetter(SqlConnection connection, long letterId, String actor, String reason) {
        return connection
                .preparedQuery(RESOLVE_OF_LETTER)
                .execute(ofLetter(letterId).addString(actor).addString(reason))
                .mapEmpty();
    }

    private static Tuple ofLetter(long letterId) {
        String[] kinds = {IncidentKind.DEAD_LETTER.word(), IncidentKind.DEAD_LETTER_WITHOUT_UNITS.word()};
        return Tuple.of(kinds, Long.toString(letterId));
    }

    private static Future<Void> resolve(
            SqlConnection connection, SaleId saleId, String[] kinds, @Nullable String subject, String why) {
        return connection
                .preparedQuery(RESOLVE_KINDS)
                .execute(Tuple.of(saleId.value(), kinds, subject, NOBODY, DeadLetters.storable(why)))
                .mapEmpty();
    }

    private static Future<Incident> resolve(
            SqlConnection connection, AdminAction action, Incident before, String concluded) {
        String saleId = before.saleId();
        return connection
                .preparedQuery(RESOLVE)
                .execute(Tuple.of(
                        before.id(),
                        action.author().actor(),
                        action.reason(),
                        concluded.isEmpty()
                                ? before.detail()
                                : before.detail() + ". Repaired: " + DeadLetters.storable(concluded)))
                .map(rows -> incident(rows.iterator().next()))
                .compose(after -> AdminActions.add(
                                connection,
                                action,
                                saleId == null ? null : new SaleId(saleId),
                                Long.toString(before.id()),
                                told(before),
                                told(after))
                        .map(after));
    }

    private static JsonObject told(Incident incident) {
        return new JsonObject()
                .put("kind", incident.kind())
                .put("subject", incident.subject())
                .put("state", incident.state().name().toLowerCase(Locale.ROOT))
                .put("detail", incident.detail());
    }

    /** Loud the first time only: what goes on is in the count. */
    private static void tell(@Nullable Lane lane, NewIncident incident, long id, long times) {
        String about = lane == null ? "" : " of lane " + lane;
        if (times > 1) {
            LOG.debug("incident {}{}, the {}th time: {}", id, about, times, incident.detail());
        } else if (incident.kind().stopsTheLane()) {
            LOG.error("lane {} does not sell: {}: {}", lane, incident.kind().word(), incident.detail());
        } else {
            LOG.error("incident {}{}: {}: {}", id, about, incident.kind().word(), incident.detail());
        }
    }

    private void count() {
        if (counting) {
            return;
        }
        counting = true;
        endOver()
                .compose(ended -> postgres.query("count open incidents", COUNT_OPEN, Tuple.tuple()))
                .onComplete(counted -> {
                    counting = false;
                    if (counted.succeeded()) {
                        open = counted.result().iterator().next().getLong("open");
                    } else {
                        LOG.debug(
                                "open incidents not counted: {}",
                                counted.cause().toString());
                    }
                });
    }

    /** A sale may be recorded again by another node than the one that told why it was not. */
    private Future<Void> endOver() {
        return open == 0
                ? Future.succeededFuture()
                : postgres.query(
                                "end incidents of sales that are recorded again",
                                RECORDED_AGAIN,
                                Tuple.of(IncidentKind.RECORDING_REFUSED.word(), NOBODY))
                        .mapEmpty();
    }

    private static Incident incident(Row row) {
        Long resolvedAtMs = Columns.msOrNull(row.getOffsetDateTime("resolved_at"));
        Object details = row.getValue("details");
        return new Incident(
                row.getLong("incident_id"),
                row.getString("kind"),
                row.getString("sale_id"),
                row.getString("subject"),
                row.getLong("epoch"),
                row.getLong("units"),
                row.getString("detail"),
                details == null ? null : details.toString(),
                row.getLong("times"),
                Columns.ms(row.getOffsetDateTime("at")),
                Columns.ms(row.getOffsetDateTime("last_at")),
                resolvedAtMs == null
                        ? null
                        : new Incident.Resolution(
                                resolvedAtMs, row.getString("resolved_by"), row.getString("resolved_reason")));
    }
}
