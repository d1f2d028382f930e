package dev.holdfast.admin;

import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.SaleBook.SaleChange;
import dev.holdfast.ledger.TestBooks;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.support.TestServers;
import io.vertx.core.Future;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A change of a sale in PostgreSQL, as an admin waits for it: what one at a time costs. */
@State(Scope.Benchmark)
public class SaleLockBenchmark {

    private final SaleId saleId = TestBooks.newSaleId();
    private TestBooks books;
    private RedissonSaleLock lock;
    private long clockMs;

    /** Real servers, as durable as in production. */
    @Setup
    public void start() {
        books = TestBooks.fresh();
        lock = new RedissonSaleLock(books.vertx, TestServers.redisUri(), books.books.fences());
        TestBooks.await(change(TestBooks.ACTION));
    }

    /** Ends what is this benchmark's own. */
    @TearDown
    public void stop() {
        TestBooks.await(lock.close());
        books.close();
    }

    /** As anybody could overwrite it. */
    @Benchmark
    public SaleChange alone() {
        return TestBooks.await(change(TestBooks.ACTION));
    }

    /** With the lock and the fence, and nobody to wait for. */
    @Benchmark
    public SaleChange withinTheLock() {
        return TestBooks.await(lock.within(saleId, TestBooks.ACTION, this::change));
    }

    private Future<SaleChange> change(AdminAction action) {
        clockMs++;
        Sale sale =
                new Sale(saleId, "Shoes", 0, 0, 60_000, 600_000, 0, 0, "EUR", true, Sale.Switch.OPEN, null, clockMs, 0);
        return books.books.sales().change(action, saleId, before -> sale);
    }
}
