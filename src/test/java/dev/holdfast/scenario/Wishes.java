package dev.holdfast.scenario;

import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What clients of a storm may wish for.
 *
 * @param skus few, so that carts meet
 * @param customers how many share the clients' requests, so that limits are met
 * @param holdSeconds hold times to ask for; where null is among them, the sale's own is taken
 */
record Wishes(List<String> skus, int customers, List<Integer> holdSeconds) {

    /** A cart of one to three SKUs, one or two units of each. */
    Lines cart(SplittableRandom random) {
        TreeMap<String, Integer> bySku = new TreeMap<>();
        int lines = 1 + random.nextInt(3);
        for (int i = 0; i < lines; i++) {
            bySku.put(skus.get(random.nextInt(skus.size())), 1 + random.nextInt(2));
        }
        return new Lines(bySku);
    }

    String customer(SplittableRandom random) {
        return "c-" + random.nextInt(customers);
    }

    /** The seconds to ask for: at an extension never the sale's own time. */
    @Nullable
    Integer seconds(SplittableRandom random) {
        int i = random.nextInt(holdSeconds.size() + 1);
        return i == holdSeconds.size() ? null : holdSeconds.get(i);
    }

    int extension(SplittableRandom random) {
        return holdSeconds.get(random.nextInt(holdSeconds.size()));
    }
}
