package dev.holdfast.scenario;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.redis.Script;
import dev.holdfast.redis.Scripts;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A short storm on the scripts alone: one sale whose clock is pushed on, paused and resumed while clients ask, then swept until
 * nothing is held.
 */
final class ScriptStorm {

    private static final int CLIENTS = 12;
    private static final Map<String, Integer> CAPACITIES = new TreeMap<>(Map.of("A", 40, "B", 60, "C", 80, "D", 20));
    private static final Map<String, Integer> SKU_LIMITS = Map.of("A", 2, "D", 2);
    private static final int CUSTOMERS = 40;
    private static final int CUSTOMER_LIMIT = 7;
    private static final int HOLD_SECONDS = 30;
    private static final int MAX_HOLD_SECONDS = 60;
    private static final Wishes WISHES =
            new Wishes(List.copyOf(CAPACITIES.keySet()), CUSTOMERS, List.of(5, 20, MAX_HOLD_SECONDS), 3, false);

    private final LaneReader lane;
    private final ScriptShop shop;
    private final long seed;
    private final SplittableRandom dice;
    private final Map<String, Integer> versions = new HashMap<>();
    private final List<ToldAdjustments.Applied> adjusted = new ArrayList<>();
    private final Map<String, Long> firstAsked = new HashMap<>();
    private int adjustments;
    private String state = "open";
    private int version;
    private long offsetSeconds;

    ScriptStorm(RedisCommands<String, String> redis, Scripts scripts, long seed) {
        this.lane = new LaneReader(redis, "script-storm-" + UUID.randomUUID());
        this.shop = new ScriptShop(redis, scripts, lane);
        this.seed = seed;
        this.dice = new SplittableRandom(seed);
    }

    /** Rages for so many operations, then lets all end; what is left to be checked. */
    Evidence rage(int operations) {

        setSale();
        CAPACITIES.forEach((sku, capacity) ->
                run(Script.SET_STOCK, sku, "1", capacity + "", SKU_LIMITS.getOrDefault(sku, 0) + "", "", "1"));
        try (Storm storm = new Storm(seed, List.of(() -> shop, () -> shop), WISHES)) {
            storm.begin(CLIENTS);
            while (storm.rages() && storm.history().size() < operations) {
                interfere();
            }
            storm.end();
            settle();
            return new Evidence(
                    SKU_LIMITS,
                    lane.ledger(),
                    lane.state(),
                    null,
                    storm.history().operations(),
                    new ToldAdjustments(adjusted, 0));
        }
    }

    private void interfere() {
        switch (dice.nextInt(18)) {
            case 0 -> {
                state = "paused";
                setSale();
            }
            case 1, 2 -> {
                state = "open";
                setSale();
            }
            case 3, 4, 5, 6, 7, 8, 9, 10 -> {
                offsetSeconds += 1 + dice.nextInt(10);
                setSale();
            }
            case 11 -> run(Script.AUDIT, CAPACITIES.keySet().toArray(String[]::new));
            case 12 -> run(Script.EXPIRE, "3");
            case 13, 14 -> adjust();
            default -> run(Script.SALE);
        }
    }

    /** Some of it twice, as after a lost reply, and some of it late. */
    private void adjust() {
        String sku = List.copyOf(CAPACITIES.keySet()).get(dice.nextInt(CAPACITIES.size()));
        int capacity = dice.nextInt(2 * CAPACITIES.get(sku));
        adjustments++;
        List<String> arguments = List.of(
                sku,
                adjustments + "",
                "adjustment-" + adjustments,
                versions.getOrDefault(sku, 1) + 1 + "",
                capacity + "",
                dice.nextInt(2) + "");
        boolean applied = adjust(arguments);
        if (dice.nextInt(3) == 0) {
            adjust(arguments);
        }
        if (applied) {
            versions.merge(sku, 2, (before, two) -> before + 1);
        }
    }

    @CanIgnoreReturnValue
    private boolean adjust(List<String> arguments) {
        long start = System.nanoTime();
        List<String> answer = shop.run(Script.ADJUST, arguments);
        return switch (answer.getFirst()) {
            case "ADJUSTED" ->
                adjusted.add(new ToldAdjustments.Applied(
                        arguments.get(2),
                        Long.parseLong(arguments.get(3)),
                        Long.parseLong(answer.get(1)),
                        firstAsked.computeIfAbsent(arguments.get(2), id -> start),
                        System.nanoTime()));
            case "BELOW_USE" -> false;
            default -> throw new IllegalStateException("an adjustment was answered " + answer);
        };
    }

    private void settle() {
        offsetSeconds += 2 * MAX_HOLD_SECONDS;
        setSale();
        // A planted bug may leave something due for ever.
        for (int i = 0; i < 100; i++) {
            run(Script.EXPIRE, "100");
        }
    }

    private void setSale() {
        version++;
        run(
                Script.SET_SALE,
                "1",
                version + "",
                state,
                "0",
                "0",
                HOLD_SECONDS * 1000 + "",
                MAX_HOLD_SECONDS * 1000 + "",
                CUSTOMER_LIMIT + "",
                offsetSeconds * 1000 + "");
    }

    private void run(Script script, String... arguments) {
        String word = shop.run(script, List.of(arguments)).getFirst();
        if (!List.of("APPLIED", "DECIDED", "SWEPT", "COUNTED", "SALE").contains(word)) {
            throw new IllegalStateException(script + " answered " + word);
        }
    }
}
