package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL's part in writing a lane anew. Every step fails with {@link Overtaken} where a later rebuild has begun, and as PostgreSQL
 * does. Safe for all threads.
 */
public final class RebuildBook {

    private static final String LOCK = """
            select epoch, state, state_reason, recorded_seq from lanes
            where sale_id = $1 and lane = 0 and state <> 'retired'
            for no key update
            """;

    /** From here on no node sells on the lane or records it, and an earlier rebuild has lost it. */
    private static final String BEGIN = """
            with next as materialized (select nextval('lane_epoch') as epoch)
            update lanes
            set state = 'rebuilding', state_reason = $2, version = version + 1, recorder = 'rebuild ' || next.epoch
            from next
            where sale_id = $1 and lane = 0
            returning next.epoch
            """;

    private static final String OVERTAKE = """
            update rebuilds set state = 'failed', ended_at = clock_timestamp(), problem = 'another rebuild began'
            where sale_id = $1 and lane = 0 and state = 'running'
            """;

    private static final String ADD = """
            insert into rebuilds (epoch, sale_id, lane, from_epoch, reason) values ($1, $2, $3, $4, $5)
            """;

    /** The old life is over: all that was left of it is recorded or put aside. */
    private static final String TURN = """
            update lanes set epoch = $4, recorded_seq = 0, recorded_hash = null, version = version + 1
            where sale_id = $1 and lane = $2 and epoch = $3 and state = 'rebuilding' and recorder = $5
            """;

    private static final String PUT_ASIDE = """
            update rebuilds set put_aside = $2 where epoch = $1
            """;

    /** A SKU whose putting up was lost before it was recorded is to be put up again. */
    private static final String RESEND_LOST_SKUS = """
            update skus k set applied_version = 0
            where k.sale_id = $1
              and not exists (select from stock s where s.sale_id = k.sale_id and s.lane = $2 and s.sku = k.sku)
            """;

    private static final String END = """
            update lanes
            set state = $5, state_reason = $6, version = version + 1, recorder = null
            where sale_id = $1 and lane = $2 and state = 'rebuilding' and recorder = $3 and epoch = any ($4)
            """;

    private static final String REPORT = """
            update rebuilds set state = $2, ended_at = clock_timestamp(), reservations = $3, problem = $4
            where epoch = $1 and state = 'running'
            """;

    private static final String LATEST = """
            select * from rebuilds where sale_id = $1 order by epoch desc limit 1
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

    /** Stops the lane and issues its next epoch, whatever state it is in; empty where there is no such sale. */
    public Future<Optional<Rebuild>> begin(SaleId saleId, AdminAction action) {
        return postgres.inTransaction("begin to rebuild " + saleId, connection -> begin(connection, saleId, action))
                .compose(begun -> sales.refresh(saleId).map(begun));
    }

    /**
     * Records what the sealed lane's ledger still has; answers how many entries could not be recorded and were put aside.
     * Fails as Redis does, too.
     */
    public Future<Long> salvage(Rebuild rebuild, LedgerStream stream) {
        return new Salvage(postgres, stream, rebuild).run();
    }

    /** Gives up the lane's old life for the new one, of which nothing is recorded yet. */
    public Future<Void> turn(Rebuild rebuild, long putAside) {
        Lane from = rebuild.from();
        Lane to = rebuild.to();
        Tuple arguments = Tuple.of(from.saleId().value(), from.number(), from.epoch(), to.epoch(), rebuild.recorder());
        return postgres.inTransaction(
                "begin epoch of lane " + to,
                connection -> connection
                        .preparedQuery(TURN)
                        .execute(arguments)
                        .compose(turned -> requireOurs(rebuild, turned.rowCount()))
                        .compose(ours ->
                                putAside == 0 ? Future.succeededFuture() : noted(connection, rebuild, putAside)));
    }

    /** Reads the books as they are at one moment. What is to be sorted and summed first may take longer than other statements may. */
    public <T> Future<T> read(Rebuild rebuild, Function<LaneSnapshot, Future<T>> work) {
        return postgres.inTransaction(
                "read the books of lane " + rebuild.to(),
                connection -> connection
                        .query("set transaction isolation level repeatable read, read only")
                        .execute()
                        .compose(set -> connection
                                .query("set local statement_timeout = 0")
                                .execute())
                        .compose(set -> work.apply(new LaneSnapshot(connection, rebuild.to()))));
    }

    /** Records the first entries of the lane's new life, before anyone sells on it; fails where the books differ from Redis. */
    public Future<Void> check(Rebuild rebuild, List<LedgerEntry> entries) {
        return ledger.commit(rebuild.to(), 0, entries, rebuild.recorder()).compose(outcome -> switch (outcome) {
            case CommitOutcome.Recorded recorded -> requireBalanced(rebuild, recorded.audits());
            case CommitOutcome.LostRace race -> Future.failedFuture(new Overtaken(rebuild));
            case CommitOutcome.Gap gap ->
                Future.failedFuture(new IllegalStateException("the new ledger begins at " + gap.foundSeq()));
            case CommitOutcome.Frozen frozen -> Future.failedFuture(new IllegalStateException(frozen.why()));
        });
    }

    /** The lane is whole and sells again. */
    public Future<Void> open(Rebuild rebuild, long reservations) {
        Lane to = rebuild.to();
        return postgres.inTransaction(
                        "open lane " + to,
                        connection -> end(connection, rebuild, "open", null)
                                .compose(ended -> requireOurs(rebuild, ended))
                                .compose(ours -> connection
                                        .preparedQuery(RESEND_LOST_SKUS)
                                        .execute(Tuple.of(to.saleId().value(), to.number())))
                                .compose(sent -> Incidents.endedByRebuild(connection, to))
                                .compose(ended -> report(connection, rebuild, "done", reservations, null)))
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
                                .compose(ours -> report(connection, rebuild, "failed", null, text)))
                .compose(failed -> sales.refresh(rebuild.to().saleId()))
                .mapEmpty();
    }

    /** The sale's last rebuild; empty where there was none. */
    public Future<Optional<RebuildReport>> latest(SaleId saleId) {
        return postgres.query("find rebuild of " + saleId, LATEST, Tuple.of(saleId.value()))
                .map(rows -> SaleRows.first(rows).map(RebuildBook::report));
    }

    private static Future<Optional<Rebuild>> begin(SqlConnection connection, SaleId saleId, AdminAction action) {
        return connection
                .preparedQuery(LOCK)
                .execute(Tuple.of(saleId.value()))
                .map(SaleRows::first)
                .compose(found -> found.isEmpty()
                        ? Future.succeededFuture(Optional.empty())
                        : begin(connection, saleId, action, found.get()).map(Optional::of));
    }

    private static Future<Rebuild> begin(SqlConnection connection, SaleId saleId, AdminAction action, Row before) {
        String reason = DeadLetters.storable(Objects.requireNonNullElse(action.reason(), ""));
        return connection
                .preparedQuery(BEGIN)
                .execute(Tuple.of(saleId.value(), "is being rebuilt: " + reason))
                .map(begun -> new Rebuild(
                        new Lane(saleId, 0, before.getLong("epoch")),
                        new Lane(saleId, 0, begun.iterator().next().getLong("epoch")),
                        before.getLong("recorded_seq")))
                .compose(rebuild -> connection
                        .preparedQuery(OVERTAKE)
                        .execute(Tuple.of(saleId.value()))
                        .compose(over -> connection.preparedQuery(ADD).execute(row(rebuild, reason)))
                        .compose(added -> AdminActions.add(
                                connection,
                                action,
                                saleId,
                                null,
                                json(before),
                                new JsonObject().put("epoch", rebuild.to().epoch())))
                        .map(rebuild));
    }

    private static Tuple row(Rebuild rebuild, String reason) {
        Lane to = rebuild.to();
        return Tuple.of(
                to.epoch(), to.saleId().value(), to.number(), rebuild.from().epoch(), reason);
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
                .execute(Tuple.of(rebuild.to().epoch(), putAside))
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
        Long[] epochs = state.equals("open")
                ? new Long[] {to.epoch()}
                : new Long[] {rebuild.from().epoch(), to.epoch()};
        return connection
                .preparedQuery(END)
                .execute(Tuple.of(to.saleId().value(), to.number(), rebuild.recorder(), epochs, state, reason))
                .map(ended -> ended.rowCount());
    }

    private static Future<Void> report(
            SqlConnection connection,
            Rebuild rebuild,
            String state,
            @Nullable Long reservations,
            @Nullable String problem) {
        return connection
                .preparedQuery(REPORT)
                .execute(Tuple.of(rebuild.to().epoch(), state, reservations, problem))
                .mapEmpty();
    }

    private static Future<Void> requireBalanced(Rebuild rebuild, List<AuditVerdict> audits) {
        boolean balanced = !audits.isEmpty() && audits.stream().allMatch(AuditVerdict::balanced);
        return balanced
                ? Future.succeededFuture()
                : Future.failedFuture(
                        new IllegalStateException("lane " + rebuild.to() + " differs from the books: " + audits));
    }

    private static Future<Void> requireOurs(Rebuild rebuild, int rows) {
        return rows == 1 ? Future.succeededFuture() : Future.failedFuture(new Overtaken(rebuild));
    }

    private static RebuildReport report(Row row) {
        return new RebuildReport(
                row.getLong("epoch"),
                RebuildReport.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                row.getString("reason"),
                Columns.ms(row.getOffsetDateTime("started_at")),
                Columns.msOrNull(row.getOffsetDateTime("ended_at")),
                row.getLong("reservations"),
                row.getLong("put_aside"),
                row.getString("problem"));
    }
}
