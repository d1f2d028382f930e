package dev.holdfast.redis;

import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import dev.holdfast.reservation.StockCount;
import dev.holdfast.reservation.StockedSku;
import dev.holdfast.reservation.Unavailable;
import io.lettuce.core.KeyValue;
import io.lettuce.core.MapScanCursor;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads all that Redis has of one lane, whatever its epoch, in steps of which each takes less than a millisecond of Redis's time. What is
 * read of a lane that sells is of different moments. Everything fails with {@link Unavailable}. To be used on the event loop of its
 * connection.
 */
public final class LaneContents {

    /** Fields of a hash in one step, more or less: Redis looks at so many of its buckets. */
    private static final int AT_ONCE = 1_000;

    /** Epochs of ours have 15 digits at most; an entry with another id is not of this service. */
    private static final int MAX_EPOCH_LENGTH = 15;

    private final PinnedRedis redis;
    private final LaneKeys keys;
    private final String what;

    /** Of this lane's place; its epoch does not matter. */
    public LaneContents(ScriptCalls calls, Lane lane) {
        redis = calls.redis();
        keys = LaneKeys.of(lane);
        what = "reading lane " + lane.saleId() + "/" + lane.number();
    }

    /** Units of one SKU that a customer holds or has bought, as the lane counts them. */
    public record Units(CustomerId customerId, Sku sku, long quantity) {}

    /** What the lane says about itself. */
    public Future<LaneFacts> facts() {
        return redis.send(what, Effect.READS, commands -> commands.hgetall(keys.sale()))
                .compose(sale -> redis.send(what, Effect.READS, commands -> commands.time())
                        .compose(time -> ledger().map(ledger -> facts(sale, ledger, ms(time)))));
    }

    /**
     * Hands on every reservation, some at a time; one may come twice.
     *
     * @param unreadable is told key and value where nobody can read them
     */
    public Future<Void> reservations(Function<List<HoldValue>, Future<Void>> some, Consumer<String> unreadable) {
        return scan(keys.holds(), fields -> {
            List<HoldValue> kept = new ArrayList<>(fields.size());
            fields.forEach((key, packed) -> HoldValue.parse(key, packed)
                    .ifPresentOrElse(kept::add, () -> unreadable.accept(key + ": " + packed)));
            return kept.isEmpty() ? Future.succeededFuture() : some.apply(kept);
        });
    }

    /** The reservations under these keys, at most some hundreds; keys that it does not know, or cannot read, are left out. */
    public Future<Map<String, HoldValue>> reservations(List<String> reservationKeys) {
        return values(keys.holds(), reservationKeys).map(found -> {
            Map<String, HoldValue> kept = new HashMap<>();
            found.forEach((key, packed) -> HoldValue.parse(key, packed).ifPresent(one -> kept.put(key, one)));
            return kept;
        });
    }

    /** Every SKU whose counts can be read, by name; of its rules only what scripts need. */
    public Future<List<StockedSku>> stock(Consumer<String> unreadable) {
        Map<String, Map<String, String>> bySku = new TreeMap<>();
        return scan(keys.stock(), fields -> {
                    fields.forEach((field, value) -> {
                        int bar = field.indexOf('|');
                        if (bar > 0) {
                            bySku.computeIfAbsent(field.substring(0, bar), first -> new HashMap<>())
                                    .put(field.substring(bar + 1), value);
                        }
                    });
                    return Future.succeededFuture();
                })
                .map(read -> stocked(bySku, unreadable));
    }

    /** Hands on what every customer holds or has bought of each SKU, some at a time; one may come twice. */
    public Future<Void> buyers(Function<List<Units>, Future<Void>> some) {
        return scan(keys.buyers(), fields -> {
            List<Units> units = new ArrayList<>(fields.size());
            fields.forEach((field, value) -> units(field, value).ifPresent(units::add));
            return units.isEmpty() ? Future.succeededFuture() : some.apply(units);
        });
    }

    /** How many units of this SKU the customer holds or has bought. */
    public Future<Long> unitsOf(CustomerId customerId, Sku sku) {
        String customer = customerId.value();
        String both = customer + '|' + sku.value();
        return values(keys.buyers(), List.of(customer, both)).map(found -> {
            if (found.containsKey(both)) {
                return number(found.get(both));
            }
            return units(customer, found.getOrDefault(customer, ""))
                    .filter(units -> units.sku().equals(sku))
                    .map(Units::quantity)
                    .orElse(0L);
        });
    }

    private Future<Map<String, String>> values(String key, List<String> fields) {
        if (fields.isEmpty()) {
            // Redis refuses to be asked for nothing.
            return Future.succeededFuture(Map.of());
        }
        return redis.send(what, Effect.READS, commands -> commands.hmget(key, fields.toArray(String[]::new)))
                .recover(failure -> orIfOfAnotherType(failure, List.of()))
                .map(found -> {
                    Map<String, String> values = new HashMap<>();
                    for (KeyValue<String, String> one : found) {
                        one.ifHasValue(value -> values.put(one.getKey(), value));
                    }
                    return values;
                });
    }

    private Future<Void> scan(String key, Function<Map<String, String>, Future<Void>> some) {
        return new Scan(key, some).run();
    }

    /** The next step is asked for while one is worked on. */
    private final class Scan {

        private final String key;
        private final Function<Map<String, String>, Future<Void>> some;
        private Future<MapScanCursor<String, String>> next;

        Scan(String key, Function<Map<String, String>, Future<Void>> some) {
            this.key = key;
            this.some = some;
            next = ask(ScanCursor.INITIAL);
        }

        Future<Void> run() {
            return AsyncLoop.whileTrue(() -> next.compose(this::work));
        }

        private Future<MapScanCursor<String, String>> ask(ScanCursor from) {
            return redis.send(
                            what, Effect.READS, commands -> commands.hscan(key, from, ScanArgs.Builder.limit(AT_ONCE)))
                    .recover(failure -> orIfOfAnotherType(failure, nothingMore()));
        }

        private Future<Boolean> work(MapScanCursor<String, String> step) {
            boolean more = !step.isFinished();
            if (more) {
                next = ask(step);
            }
            Map<String, String> fields = step.getMap();
            Future<Void> worked = fields.isEmpty() ? Future.succeededFuture() : some.apply(fields);
            return Future.join(worked, more ? next : worked).map(more);
        }
    }

    /** Last id and last entry of the ledger; empty where there is none. */
    private Future<Map<String, Object>> ledger() {
        return redis.send(what, Effect.READS, commands -> commands.exists(keys.ledger()))
                .compose(there -> there == 0
                        ? Future.succeededFuture(Map.<String, Object>of())
                        : redis.send(what, Effect.READS, commands -> commands.xinfoStream(keys.ledger()))
                                .map(LaneContents::pairs)
                                .recover(failure -> orIfOfAnotherType(failure, Map.of())));
    }

    /** A key that somebody else wrote has nothing of the lane. */
    private static <T> Future<T> orIfOfAnotherType(Throwable failure, T nothing) {
        return RedisFailures.isWrongType(failure) ? Future.succeededFuture(nothing) : Future.failedFuture(failure);
    }

    private static MapScanCursor<String, String> nothingMore() {
        MapScanCursor<String, String> cursor = new MapScanCursor<>();
        cursor.setFinished(true);
        return cursor;
    }

    private static Map<String, Object> pairs(List<Object> flat) {
        Map<String, Object> pairs = new HashMap<>();
        for (int i = 0; i + 1 < flat.size(); i += 2) {
            if (flat.get(i + 1) != null) {
                pairs.put(String.valueOf(flat.get(i)), flat.get(i + 1));
            }
        }
        return pairs;
    }

    private static LaneFacts facts(Map<String, String> sale, Map<String, Object> ledger, long timeMs) {
        String lastId = String.valueOf(ledger.getOrDefault("last-generated-id", "0-0"));
        int dash = lastId.indexOf('-');
        long ledgerEpoch = dash > MAX_EPOCH_LENGTH ? 0 : Long.parseLong(lastId, 0, dash, 10);
        long open = number(sale.get("epoch"));
        long was = number(sale.get("was"));
        long restoring = number(sale.get("restoring"));
        long mine = open > 0 ? open : was > 0 ? was : restoring > 0 ? restoring : sale.isEmpty() ? 0 : ledgerEpoch;
        boolean hasLedger = mine > 0 && ledgerEpoch == mine;
        long endOfStream = Long.parseLong(lastId, dash + 1, lastId.length(), 10);
        // What is behind it in the stream was written by somebody else, or by a script that ended in the middle: nobody
        // was told of it.
        long own = sale.containsKey("seq") ? Math.min(number(sale.get("seq")), endOfStream) : endOfStream;
        return new LaneFacts(
                !sale.isEmpty(),
                hasLedger && restoring == 0,
                mine,
                hasLedger ? own : -1,
                hasLedger && own == endOfStream ? lastEntry(lastId, ledger) : null,
                Math.max(Math.max(mine, ledgerEpoch), Math.max(number(sale.get("sealed")), restoring)),
                number(sale.get("recorded_seq")),
                timeMs - number(sale.get("lag_ms")),
                timeMs - number(sale.get("lag_ms")) + number(sale.get("offset_ms")),
                sale);
    }

    private static @Nullable String lastEntry(String lastId, Map<String, Object> ledger) {
        return ledger.get("last-entry") instanceof List<?> entry
                        && entry.size() == 2
                        && entry.get(0).equals(lastId)
                        && entry.get(1) instanceof List<?> fields
                        && fields.size() == 2
                ? String.valueOf(fields.get(1))
                : null;
    }

    private static long ms(List<String> time) {
        return Duration.ofSeconds(Long.parseLong(time.get(0))).toMillis() + Long.parseLong(time.get(1)) / 1_000;
    }

    private static Optional<Units> units(String field, String value) {
        try {
            int bar = field.indexOf('|');
            if (bar > 0) {
                return Optional.of(new Units(
                        new CustomerId(field.substring(0, bar)),
                        new Sku(field.substring(bar + 1)),
                        Long.parseLong(value)));
            }
            // The total of several SKUs says nothing that their own fields do not say.
            int space = value.indexOf(' ');
            return space < 0
                    ? Optional.empty()
                    : Optional.of(new Units(
                            new CustomerId(field),
                            new Sku(value.substring(space + 1)),
                            Long.parseLong(value.substring(0, space))));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static List<StockedSku> stocked(Map<String, Map<String, String>> bySku, Consumer<String> unreadable) {
        List<StockedSku> skus = new ArrayList<>(bySku.size());
        bySku.forEach((sku, fields) -> {
            try {
                skus.add(stocked(new Sku(sku), fields));
            } catch (IllegalArgumentException e) {
                unreadable.accept("SKU " + sku + ": " + fields);
            }
        });
        return skus;
    }

    private static StockedSku stocked(Sku sku, Map<String, String> fields) {
        StockCount count = new StockCount(
                sku,
                required(fields, "capacity"),
                required(fields, "available"),
                required(fields, "held"),
                required(fields, "sold"),
                required(fields, "version"));
        String adjustment = fields.getOrDefault("adjustment", "0");
        int space = adjustment.indexOf(' ');
        long pending = number(fields.get("pending"));
        return new StockedSku(
                new SkuRules(
                        sku,
                        count.capacity() - pending,
                        product(fields.getOrDefault("product", "")),
                        Map.of(),
                        null,
                        number(fields.get("limit")),
                        null,
                        null,
                        required(fields, "rules")),
                count,
                pending,
                Long.parseLong(space < 0 ? adjustment : adjustment.substring(0, space)),
                RememberedAdjustments.read(fields.getOrDefault("adjustments", "")));
    }

    /** After the page that has the SKU, see product_pages.lua; null for none. */
    private static @Nullable String product(String pageAndProduct) {
        int space = pageAndProduct.indexOf(' ');
        return space < 0 ? null : pageAndProduct.substring(space + 1);
    }

    private static long required(Map<String, String> fields, String name) {
        String value = fields.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no " + name);
        }
        return Long.parseLong(value);
    }

    /** 0 where it is not there, or no number. */
    private static long number(@Nullable String text) {
        if (text == null) {
            return 0;
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
