package dev.holdfast.reservation;

import io.vertx.core.Future;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/** Which SKUs Redis must have, because the books have counts of them or Redis has said that it has them. */
public interface RecordedSkus {

    /** Those of these that Redis must have. Fails with {@link Unavailable} where PostgreSQL is away. */
    Future<Set<Sku>> among(Lane lane, Collection<Sku> skus);

    /** One that Redis must have; empty where there is none. Fails as the other does. */
    Future<Optional<Sku>> any(Lane lane);
}
