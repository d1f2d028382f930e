package dev.holdfast.reservation;

import io.vertx.core.Future;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/** Which SKUs the books have counts of, and so Redis must have them, too. */
public interface RecordedSkus {

    /** Those of these that the lane has in the books. Fails with {@link Unavailable} where PostgreSQL is away. */
    Future<Set<Sku>> among(Lane lane, Collection<Sku> skus);

    /** One that the lane has in the books; empty where it has none. Fails as the other does. */
    Future<Optional<Sku>> any(Lane lane);
}
