package dev.holdfast.reservation;

import io.vertx.core.Future;
import java.util.Collection;
import java.util.Optional;

/** Which sales there are and in which epoch their lanes live. PostgreSQL's word, remembered by each node. */
public interface SaleDirectory {

    /**
     * The sale as this node knows it, asked from PostgreSQL if it does not; empty if PostgreSQL has none either.
     * Fails with {@link Unavailable} where PostgreSQL is needed and away.
     */
    Future<Optional<ListedSale>> find(SaleId saleId);

    /** As {@link #find}, but always asked from PostgreSQL. */
    Future<Optional<ListedSale>> refresh(SaleId saleId);

    /** All sales this node knows, at most a second behind PostgreSQL while that is there. Never blocks. */
    Collection<ListedSale> known();
}
