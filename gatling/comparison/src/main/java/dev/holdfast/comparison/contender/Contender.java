package dev.holdfast.comparison.contender;

import dev.holdfast.comparison.check.Books;
import dev.holdfast.comparison.load.HoldRequests;
import dev.holdfast.comparison.server.Child;

/** A design that runs in a process of its own, on servers that nobody else uses. */
public interface Contender extends AutoCloseable {

    /** Its public port. */
    int port();

    /** What callers show. */
    default String bearer() {
        return "comparison-key";
    }

    /** Puts up a sale with SKU-0000 and on, each with this capacity. */
    void openSale(String saleId, int skus, long capacityEach);

    /** Makes at least that many active holds of one unit of SKU-0000; answers how many there are then. */
    long prefill(String saleId, long holds);

    /** Holds of one unit of a sale that are in PostgreSQL by now. */
    long recorded(String saleId);

    /** Reads the books once all that was acknowledged is in PostgreSQL. */
    Books books(String saleId);

    /** Its process. */
    Child process();

    /** Requests for one unit of a sale, each with a key. */
    default HoldRequests requests(String saleId, int skus) {
        return HoldRequests.keyed(saleId, bearer(), skus);
    }

    /** Ends the process and its servers. */
    @Override
    void close();
}
