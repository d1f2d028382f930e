package dev.holdfast.comparison.contender;

import dev.holdfast.comparison.check.Books;
import dev.holdfast.comparison.check.Books.SkuBook;
import dev.holdfast.comparison.design.Peer;
import java.util.List;

/** The database of a peer: its schema, its sales, its books. */
public final class PeerBooks implements AutoCloseable {

    private static final String OPEN_SALE = """
            insert into stock (sale_id, sku, capacity, available)
            select ?, 'SKU-' || lpad(n::text, 4, '0'), ?, ? from generate_series(0, ? - 1) n
            """;

    private static final String PREFILL_RESERVATIONS = """
            insert into reservations
            select 'prefilled-' || ? || '-' || n, ?, 'SKU-0000', 1, 'prefilled-' || n, 'held',
                   clock_timestamp(), clock_timestamp() + interval '1 hour', null
            from generate_series(1, ?) n
            """;

    private static final String PREFILL_STOCK =
            "update stock set available = available - ?, held = held + ? where sale_id = ? and sku = 'SKU-0000'";

    /** What is free by the counter. */
    private static final String BOOKS_OF_COUNTERS = """
            select s.sku, s.capacity, s.available,
                   coalesce(sum(r.quantity) filter (where r.state in ('held', 'confirmed')), 0) as taken
            from stock s left join reservations r on r.sale_id = s.sale_id and r.sku = s.sku
            where s.sale_id = ? group by s.sku, s.capacity, s.available
            """;

    /** What is free by the sum; a hold that is due is not taken any more. */
    private static final String BOOKS_OF_SUMS = """
            select s.sku, s.capacity, s.capacity - s.sold - coalesce(sum(r.quantity) filter (where r.active), 0) as available,
                   coalesce(sum(r.quantity) filter (where r.active or r.state = 'confirmed'), 0) as taken
            from stock s
            left join (select *, state = 'held' and expires_at > now() as active from reservations) r
                   on r.sale_id = s.sale_id and r.sku = s.sku
            where s.sale_id = ? group by s.sku, s.capacity, s.sold
            """;

    private static final String RESERVATIONS = "select count(*) from reservations where sale_id = ?";

    private final Peer peer;
    private final Database database;

    /** Sets up an empty database. */
    public PeerBooks(Peer peer, String postgresUri) {
        this.peer = peer;
        database = new Database(postgresUri);
        peer.schema().forEach(database::runResource);
    }

    /** Puts up a sale with SKU-0000 and on. */
    public void openSale(String saleId, int skus, long capacityEach) {
        database.run(OPEN_SALE, saleId, capacityEach, capacityEach, skus);
        database.run("analyze stock");
    }

    /** Makes active holds, and tidies up as autovacuum would have by the time that there are so many. */
    public void prefill(String saleId, long holds) {
        database.run(PREFILL_RESERVATIONS, saleId, saleId, (int) holds);
        if (peer != Peer.SUM_UNDER_ROW_LOCK) {
            database.run(PREFILL_STOCK, holds, holds, saleId);
        }
        database.run("vacuum (analyze) reservations");
        database.run("vacuum (analyze) stock");
    }

    /** Reservations that were ever made. */
    public long reservations(String saleId) {
        return database.number(RESERVATIONS, saleId);
    }

    /** Reads where the units are. */
    public Books read(String saleId) {
        String sql = peer == Peer.SUM_UNDER_ROW_LOCK ? BOOKS_OF_SUMS : BOOKS_OF_COUNTERS;
        List<SkuBook> skus = database.query(
                row -> new SkuBook(
                        row.getString("sku"), row.getLong("capacity"), row.getLong("available"), row.getLong("taken")),
                sql,
                saleId);
        return new Books(skus, reservations(saleId));
    }

    /** Makes the holds of a sale due. */
    public void makeDue(String saleId) {
        database.run("update reservations set expires_at = now() where sale_id = ? and state = 'held'", saleId);
    }

    @Override
    public void close() {
        database.close();
    }
}
