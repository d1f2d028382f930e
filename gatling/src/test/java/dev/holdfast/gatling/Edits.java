package dev.holdfast.gatling;

import dev.holdfast.gatling.service.SalePlan;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/** What admins want, one thing after the other. */
final class Edits {
    private final int skus;
    private final AtomicLong edits = new AtomicLong();

    Edits(SalePlan plan) {
        this.skus = plan.capacities().size();
    }

    /** Some SKU. */
    String sku() {
        return SalePlan.sku(ThreadLocalRandom.current().nextInt(skus));
    }

    /** A delivery; one in four goes back. */
    Edit delivery() {
        var random = ThreadLocalRandom.current();
        long delta = random.nextInt(4) == 0 ? -random.nextLong(1, 6) : random.nextLong(1, 11);
        return Edit.by(key("delivery"), sku(), delta);
    }

    /** A count of the shelf that differs a little from what was seen; every other one lets the held units leave later. */
    Edit correction(String sku, long seenCapacity, long seenVersion) {
        var random = ThreadLocalRandom.current();
        long capacity = Math.max(0, seenCapacity + random.nextLong(-10, 11));
        return Edit.to(key("count"), sku, capacity, seenVersion, random.nextBoolean());
    }

    private String key(String kind) {
        return kind + "-" + edits.incrementAndGet();
    }
}
