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
 * @param mostLines of a cart
 * @param bare whether holds are as a node may refuse them by itself: one line, no key, the sale's own time
 */
record Wishes(List<String> skus, int customers, List<Integer> holdSeconds, int mostLines, boolean bare) {

    /** A cart of one SKU or more, one or two units of each; every other large one is as large as may be. */
    Lines cart(SplittableRandom random) {
        TreeMap<String, Integer> bySku = new TreeMap<>();
        int lines = 1 + random.nextInt(mostLines);
        if (mostLines > 3 && random.nextBoolean()) {
            lines = mostLines;
            while (bySku.size() < lines) {
                bySku.put(skus.get(random.nextInt(skus.size())), 1 + random.nextInt(2));
            }
        }
        for (int i = 0; i < lines && bySku.size() < mostLines; i++) {
            bySku.put(skus.get(random.nextInt(skus.size())), 1 + random.nextInt(2));
        }
        return new Lines(bySku);
    }

    /** Whether a hold has a key: most have. */
    boolean keyed(SplittableRandom random) {
        return random.nextInt(100) < 85 && !bare;
    }

    String customer(SplittableRandom random) {
        return "c-" + random.nextInt(customers);
    }

    /** The seconds to ask for: at an extension never the sale's own time. */
    @Nullable
    Integer seconds(SplittableRandom random) {
        int i = random.nextInt(holdSeconds.size() + 1);
        return bare || i == holdSeconds.size() ? null : holdSeconds.get(i);
    }

    int extension(SplittableRandom random) {
        return holdSeconds.get(random.nextInt(holdSeconds.size()));
    }
}
