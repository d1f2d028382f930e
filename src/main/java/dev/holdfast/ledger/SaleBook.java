package dev.holdfast.ledger;

import dev.holdfast.ledger.AdminAction.Kind;
import dev.holdfast.ledger.KnownSales.Known;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.SaleDirectory;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sales that there are: written through to PostgreSQL, read from memory that follows it by a second. A sale that
 * is over for good is forgotten, and asked for again when somebody wants it. Safe for all
 * threads. While PostgreSQL is away, what is known stays known.
 */
public final class SaleBook implements SaleDirectory {

    /** What became of a change. */
    public record SaleChange(ListedSale listed, boolean created) {}

    private record Written(Known known, boolean created) {}

    private static final Logger LOG = LoggerFactory.getLogger(SaleBook.class);

    private static final int REFRESH_MS = 1_000;

    /** Refreshes between two that read all sales: nothing is known that makes them needed. */
    private static final int ALL_EVERY = 60;

    /** Refreshes between two looks for what is over for good. */
    private static final int FORGET_EVERY = 5;

    /** Of this snapshot: whatever is changed by a transaction before `seen` is in it, or never will be anywhere. */
    private static final String SEEN = """
            from (select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as seen) s
            """;

    /** What is over for good is asked for by name: it would be more and more. */
    private static final String ALL = """
            select s.seen, l.*
            """ + SEEN + """
            left join listed_sales l on l.lane_state <> 'retired'
            """;

    /** What a transaction changed that the last answer may not have seen. */
    private static final String CHANGED = """
            select s.seen, l.*
            """ + SEEN + """
            left join listed_sales l on l.sale_id in (select sale_id from sales where changed_in >= $1
                                                      union all
                                                      select sale_id from lanes where changed_in >= $1)
            """;

    private static final String ONE = """
            select * from listed_sales where sale_id = $1
            """;

    private static final String PAGE = """
            select * from listed_sales where sale_id > $1 order by sale_id limit $2
            """;

    private static final String OPEN_LANE = """
            update lanes set state = 'open', state_reason = null, version = version + 1
            where sale_id = $1 and lane = $2 and epoch = $3 and state = 'preparing'
            """;

    /** Confirmations may overtake each other. */
    private static final String APPLIED = """
            update sales set applied_version = greatest(applied_version, $2) where sale_id = $1
            """;

    private final Postgres postgres;
    private final Postgres lookups;
    private final KnownSales known = new KnownSales(System::nanoTime);
    private final List<Consumer<Set<SaleId>>> forgetters = new CopyOnWriteArrayList<>();
    private volatile boolean refreshing;
    private volatile long timer = -1;
    private int refreshes;

    /** Transactions before this one are known; negative where all sales are to be read. */
    private volatile long seen = -1;

    /** Knows nothing until it is asked or started. */
    public SaleBook(Postgres postgres, Postgres lookups) {
        this.postgres = postgres;
        this.lookups = lookups;
    }

    /** Tells, from now on and on whatever thread, which sales this node has forgotten, because they are over for good. */
    public void onForgotten(Consumer<Set<SaleId>> listener) {
        forgetters.add(listener);
    }

    /**
     * Loads all sales, then follows PostgreSQL every second, by what has changed. Fails where the first load does; follows all the same.
     */
    public Future<Void> start() {
        timer = postgres.vertx().setPeriodic(REFRESH_MS, tick -> follow());
        return refreshAll();
    }

    /** Follows no longer; what is known stays known. */
    public void stop() {
        postgres.vertx().cancelTimer(timer);
    }

    @Override
    public Future<Optional<ListedSale>> find(SaleId saleId) {
        ListedSale listed = known.get(saleId);
        if (listed != null) {
            return Future.succeededFuture(Optional.of(listed));
        }
        return known.justAbsent(saleId) ? Future.succeededFuture(Optional.empty()) : ask(lookups, saleId);
    }

    @Override
    public Future<Optional<ListedSale>> refresh(SaleId saleId) {
        return ask(postgres, saleId);
    }

    private Future<Optional<ListedSale>> ask(Postgres pool, SaleId saleId) {
        return pool.query("find sale " + saleId, ONE, Tuple.of(saleId.value())).map(rows -> answered(saleId, rows));
    }

    @Override
    public Collection<ListedSale> known() {
        return known.all();
    }

    /** At most {@code limit} sales after this id, by id; the empty string is before all. */
    public Future<List<Sale>> list(String afterId, int limit) {
        return postgres.query("list sales", PAGE, Tuple.of(afterId, limit)).map(rows -> {
            List<Sale> sales = new ArrayList<>();
            rows.forEach(row -> sales.add(SaleRows.sale(row)));
            return sales;
        });
    }

    /**
     * Creates or changes a sale under a lock on it, and notes the action in the audit trail, unless nothing changes. The version that
     * {@code edit} answers is ignored: versions count what was really changed. It may be called twice, when another node creates the
     * sale meanwhile; what it throws is the failure.
     */
    public Future<SaleChange> change(AdminAction action, SaleId saleId, Function<Optional<Sale>, Sale> edit) {
        return postgres.inTransaction("change sale " + saleId, connection -> write(connection, action, saleId, edit))
                .map(written -> new SaleChange(known.remember(written.known()), written.created()));
    }

    /** The lane is in Redis: it may sell. Changes nothing unless it is being prepared in this epoch. */
    public Future<Void> laneOpened(Lane lane) {
        return postgres.query(
                        "open lane " + lane, OPEN_LANE, Tuple.of(lane.saleId().value(), lane.number(), lane.epoch()))
                .compose(updated -> refresh(lane.saleId()))
                .mapEmpty();
    }

    /** Redis has this version of the sale. */
    public Future<Void> saleApplied(SaleId saleId, long version) {
        return postgres.query("mark sale " + saleId, APPLIED, Tuple.of(saleId.value(), version))
                .mapEmpty();
    }

    private static Future<Written> write(
            SqlConnection connection, AdminAction action, SaleId saleId, Function<Optional<Sale>, Sale> edit) {
        return SaleRows.lock(connection, saleId).compose(before -> {
            Sale wanted = edit.apply(before);
            if (before.isPresent()) {
                return update(connection, action, before.get(), wanted);
            }
            return create(connection, action, SaleRows.withVersion(wanted, 1))
                    .compose(created -> created
                            ? SaleRows.listed(connection, saleId).map(now -> new Written(now, true))
                            : write(connection, action, saleId, edit));
        });
    }

    /** False where another transaction was faster. */
    private static Future<Boolean> create(SqlConnection connection, AdminAction action, Sale sale) {
        return SaleRows.insert(connection, sale)
                .compose(created -> created
                        ? AdminActions.add(
                                        connection,
                                        action.as(Kind.SALE_CREATED),
                                        sale.id(),
                                        null,
                                        null,
                                        SaleRows.json(sale))
                                .map(true)
                        : Future.succeededFuture(false));
    }

    private static Future<Written> update(SqlConnection connection, AdminAction action, Sale before, Sale wanted) {
        Sale next = SaleRows.withVersion(wanted, before.version() + 1);
        Future<Void> updated = SaleRows.withVersion(wanted, before.version()).equals(before)
                ? Future.succeededFuture()
                : SaleRows.update(connection, next)
                        .compose(done -> AdminActions.add(
                                connection, action, before.id(), null, SaleRows.json(before), SaleRows.json(next)));
        return updated.compose(done -> SaleRows.listed(connection, before.id())).map(now -> new Written(now, false));
    }

    private Optional<ListedSale> answered(SaleId saleId, RowSet<Row> rows) {
        Optional<ListedSale> listed = SaleRows.first(rows).map(SaleRows::known).map(known::remember);
        if (listed.isEmpty()) {
            known.rememberAbsent(saleId);
        }
        return listed;
    }

    private void follow() {
        if (refreshing) {
            return;
        }
        refreshing = true;
        int count = ++refreshes;
        (seen < 0 || count % ALL_EVERY == 0 ? refreshAll() : refreshChanged(seen)).onComplete(done -> {
            if (done.failed()) {
                // Another server may answer next time, and count its transactions otherwise.
                seen = -1;
                LOG.debug("sales not refreshed: {}", done.cause().toString());
            } else if (count % FORGET_EVERY == 0) {
                forgotten(known.forgetRetired());
            }
            refreshing = false;
        });
    }

    /** Asks for all sales. What was known before PostgreSQL was asked, and is not in its answer, was retired meanwhile, or is lost. */
    public Future<Void> refreshAll() {
        Set<SaleId> missing = new HashSet<>(known.ids());
        return postgres.query("refresh sales", ALL, Tuple.tuple()).map(rows -> {
            for (Known sale : listed(rows)) {
                known.remember(sale);
                missing.remove(sale.listed().sale().id());
            }
            known.forget(missing);
            forgotten(missing);
            return null;
        });
    }

    private Future<Void> refreshChanged(long since) {
        return postgres.query("refresh changed sales", CHANGED, Tuple.of(since)).map(rows -> {
            listed(rows).forEach(known::remember);
            return null;
        });
    }

    /** One row at least, which has no sale where there is none. */
    private List<Known> listed(RowSet<Row> rows) {
        List<Known> sales = new ArrayList<>();
        for (Row row : rows) {
            long now = row.getLong("seen");
            // It only grows, unless another server answers, which lacks what the other one had last.
            seen = now < seen ? -1 : now;
            if (row.getString("sale_id") != null) {
                sales.add(SaleRows.known(row));
            }
        }
        return sales;
    }

    private void forgotten(Set<SaleId> saleIds) {
        if (!saleIds.isEmpty()) {
            forgetters.forEach(forgetter -> forgetter.accept(saleIds));
        }
    }
}
