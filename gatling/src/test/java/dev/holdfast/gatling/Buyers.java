package dev.holdfast.gatling;

import dev.holdfast.gatling.history.Line;
import dev.holdfast.gatling.service.SalePlan;
import io.gatling.javaapi.core.Session;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Who comes, and what they want. Buyers come again, so that the limit has something to do. */
final class Buyers {
    private final int buyers;
    private final int skus;
    private final int linesAtMost;
    private final AtomicLong wishes = new AtomicLong();

    /** The generator is seeded: the same settings give the same wishes. */
    private final RandomGenerator random = new Random(4711);

    /** Carts of one to so many different SKUs, a unit each. */
    Buyers(int buyers, SalePlan plan, int linesAtMost) {
        this.buyers = buyers;
        this.skus = plan.capacities().size();
        this.linesAtMost = Math.min(linesAtMost, skus);
    }

    /** A new wish of some buyer. */
    Session come(Session session) {
        String customer = "buyer-" + random.nextInt(buyers);
        return Checkout.wish(session, customer, "wish-" + wishes.incrementAndGet(), cart());
    }

    private List<Line> cart() {
        int lines = 1 + random.nextInt(linesAtMost);
        return IntStream.generate(() -> random.nextInt(skus))
                .distinct()
                .limit(lines)
                .mapToObj(sku -> new Line(SalePlan.sku(sku), 1))
                .toList();
    }
}
