package dev.holdfast.gatling;

import dev.holdfast.gatling.history.Line;
import dev.holdfast.gatling.service.SalePlan;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Who comes, and what they want. Buyers come again, so that the limit has something to do. */
final class Buyers {
    private final int buyers;
    private final int skus;
    private final int linesAtMost;
    private final AtomicLong wishes = new AtomicLong();

    /** Carts of one to so many different SKUs, a unit each. */
    Buyers(int buyers, SalePlan plan, int linesAtMost) {
        this.buyers = buyers;
        this.skus = plan.capacities().size();
        this.linesAtMost = Math.min(linesAtMost, skus);
    }

    /** A new wish of some buyer. */
    Wish next() {
        var random = ThreadLocalRandom.current();
        List<Line> lines = random.ints(0, skus)
                .distinct()
                .limit(1 + random.nextInt(linesAtMost))
                .mapToObj(sku -> new Line(SalePlan.sku(sku), 1))
                .toList();
        return new Wish("buyer-" + random.nextInt(buyers), "wish-" + wishes.incrementAndGet(), lines);
    }
}
