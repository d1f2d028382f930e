package dev.holdfast.comparison.design;

import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.Supplier;

/** A lock in Redis for each product. */
interface ProductLock {

    /** Runs the step under the lock; empty if others had it for too long. */
    <T> Future<Optional<T>> under(String saleId, String sku, Supplier<Future<T>> step);

    /** Lets go of the connections. */
    Future<Void> close();

    /** The lock's name in Redis. */
    static String nameOf(String saleId, String sku) {
        return "lock:" + saleId + ":" + sku;
    }
}
