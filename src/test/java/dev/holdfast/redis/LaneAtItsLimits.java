package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.reservation.Lane;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A lane with as much of everything as a sale may have, and with names as long as they may be: 128 characters of four bytes. It is called
 * as Redis is called, because our own types take shorter names only.
 */
final class LaneAtItsLimits {

    static final int SKUS = 20_000;
    static final int LINES = 20;

    private static final int SKUS_A_CALL = 20;
    private static final int SKUS_A_PRODUCT = 400;
    private static final int CHARACTERS = 128;

    private static final Scripts SCRIPTS = Scripts.bundled();

    private final RedisCommands<String, String> redis;
    final RedisSeed seed;
    private final boolean longNames;
    private final Map<Script, String> digests = new HashMap<>();
    private int reservations;

    LaneAtItsLimits(RedisRoom room, boolean longNames) {
        redis = room.look();
        this.longNames = longNames;
        seed = RedisSeed.openSale(room);
        for (int first = 0; first < SKUS; first += SKUS_A_CALL) {
            call(Script.SET_STOCK, skus(first, SKUS_A_CALL, 1));
        }
    }

    /** As a SKU, a customer or a product may be called. */
    String name(char kind, int number) {
        String digits = "%05d".formatted(number);
        if (!longNames) {
            return kind + "-" + digits;
        }
        StringBuilder name = new StringBuilder();
        name.append(Character.toChars(0x1D400 + kind - 'A'));
        for (int i = 1 + digits.length(); i < CHARACTERS; i++) {
            name.append(Character.toChars(0x1D49C));
        }
        digits.chars().forEach(digit -> name.append(Character.toChars(0x1D7CE + digit - '0')));
        return name.toString();
    }

    /** Arguments of set_stock for SKUs from this one on, each with plenty of units. */
    List<String> skus(int first, int many, int rulesVersion) {
        List<String> arguments = new ArrayList<>();
        for (int i = first; i < first + many; i++) {
            String product = name('P', (i + rulesVersion - 1) / SKUS_A_PRODUCT);
            arguments.addAll(List.of(name('S', i), "" + rulesVersion, "1000000000", "0", product, "1"));
        }
        return arguments;
    }

    /** Twenty lines of SKUs from this one on. */
    String lines(int firstSku, long quantity) {
        return lines(firstSku, LINES, quantity);
    }

    String lines(int firstSku, int many, long quantity) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < many; i++) {
            lines.append(i == 0 ? "" : " ")
                    .append(name('S', (firstSku + i) % SKUS))
                    .append(' ')
                    .append(quantity);
        }
        return lines.toString();
    }

    /** Arguments of hold for as many carts, but no more than a node puts into one call. None has a SKU of another; their keys are added. */
    List<String> carts(int many, int lines, long quantity, List<String> keys) {
        return carts(many, lines, quantity, keys, GatheredCalls.MOST_CHARACTERS);
    }

    private List<String> carts(int many, int lines, long quantity, List<String> keys, int most) {
        List<String> arguments = new ArrayList<>();
        int characters = 0;
        for (int i = 0; i < many; i++) {
            String key = "reservation-%018d".formatted(++reservations);
            List<String> cart = List.of(
                    key,
                    name('C', reservations % 10_000),
                    "Zm9vYmFyZm9vYmFyZm9vYg",
                    "0",
                    lines(i * lines, lines, quantity));
            characters += cart.stream().mapToInt(String::length).sum();
            if (characters > most) {
                break;
            }
            keys.add(key);
            arguments.addAll(cart);
        }
        return arguments;
    }

    /** Holds so many carts of twenty different SKUs, in calls that take them; answers their keys. */
    @CanIgnoreReturnValue
    List<String> held(int many) {
        List<String> keys = new ArrayList<>();
        List<String> arguments = carts(many, LINES, 1, keys, Integer.MAX_VALUE);
        for (int from = 0; from < arguments.size(); from += 5) {
            call(Script.HOLD, arguments.subList(from, from + 5));
        }
        return keys;
    }

    /** A hundred carts of twenty different SKUs each are due, and capacity of each of these SKUs is to go. */
    void due() {
        held(100);
        Map<String, String> pending = new HashMap<>();
        for (int i = 0; i < 100 * LINES; i++) {
            pending.put(name('S', i) + "|pending", "2");
        }
        redis.hset(seed.keys().stock(), pending);
        redis.hset(seed.keys().sale(), "pending", "" + 100 * LINES);
        pass(Duration.ofMillis(RedisSeed.HOLD_MS));
    }

    void pass(Duration time) {
        seed.advance(time);
    }

    static List<String> meant(List<String> keys) {
        List<String> arguments = new ArrayList<>();
        keys.forEach(key -> arguments.addAll(List.of(key, "0")));
        return arguments;
    }

    /** The answer, flattened as far as its first two levels. */
    @CanIgnoreReturnValue
    List<?> call(Script script, List<String> arguments) {
        return call(script, seed.lane, arguments);
    }

    @CanIgnoreReturnValue
    List<?> call(Script script, Lane lane, List<String> arguments) {
        List<String> argv = new ArrayList<>();
        argv.add(script.takesPlace() ? lane.epoch() + "-0" : "" + lane.epoch());
        argv.addAll(arguments);
        List<?> answer = redis.evalsha(
                digests.computeIfAbsent(script, some -> redis.scriptLoad(SCRIPTS.text(some))),
                ScriptOutputType.MULTI,
                seed.keys().inOrder(),
                argv.toArray(String[]::new));
        assertThat(answer.getFirst())
                .as("what %s answers", script.fileName())
                .isNotIn("BAD_ARGUMENT", "NO_LANE", "STALE_EPOCH", "BEHIND", "LEDGER_DIFFERS");
        return answer;
    }
}
