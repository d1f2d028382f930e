package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.SaleStanding;
import dev.holdfast.reservation.StockCount;
import dev.holdfast.reservation.StockCounts;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * A sale's stock at one moment, and what became different when: each reader is told what it does not know yet. Immutable, and safe for all
 * threads.
 */
final class StockFrame {

    /** The number of a frame before the first: its reader knows nothing. */
    static final long NONE = -1;

    /**
     * A SKU's units.
     *
     * @param since number of the frame that first had them
     */
    private record Item(StockCount count, long since) {}

    private final SaleId saleId;
    private final SaleStanding.State state;
    private final long number;
    private final StockCounts counts;
    private final List<Item> items;

    /** By how many frames its reader has missed, so that each is written once for all of them. */
    private final ConcurrentMap<Long, Buffer> events = new ConcurrentHashMap<>();

    private StockFrame(SaleId saleId, SaleStanding.State state, long number, StockCounts counts, List<Item> items) {
        this.saleId = saleId;
        this.state = state;
        this.number = number;
        this.counts = counts;
        this.items = items;
    }

    /** The first one that anybody sees. */
    static StockFrame first(SaleId saleId, SaleStanding.State state, StockCounts counts) {
        List<Item> items =
                counts.all().stream().map(count -> new Item(count, 0)).toList();
        return new StockFrame(saleId, state, 0, counts, items);
    }

    /** The one after it; itself where nothing is different. */
    StockFrame next(SaleStanding.State now, StockCounts others) {
        if (others == counts) {
            return in(now);
        }
        boolean same = now == state && others.all().size() == items.size();
        List<Item> next = new ArrayList<>(others.all().size());
        int at = 0;
        for (StockCount count : others.all()) {
            // Both are in the order of their names.
            while (at < items.size() && isBefore(items.get(at), count)) {
                at++;
            }
            boolean unchanged = at < items.size() && items.get(at).count().equals(count);
            next.add(unchanged ? items.get(at) : new Item(count, number + 1));
            same &= unchanged;
        }
        return same ? this : new StockFrame(saleId, now, number + 1, others, List.copyOf(next));
    }

    /** The same with the sale in another state. */
    StockFrame in(SaleStanding.State now) {
        return now == state ? this : new StockFrame(saleId, now, number + 1, counts, items);
    }

    /** Counts the frames of a feed from 0. */
    long number() {
        return number;
    }

    /**
     * What a reader is told who knows the frame of this number: all of it where that is {@link #NONE}. Who has missed some frames may be told of
     * what changed in a few frames before, too.
     */
    Buffer since(long known) {
        return known == NONE
                ? events.computeIfAbsent(NONE, none -> event("snapshot", NONE))
                : events.computeIfAbsent(powerOfTwo(number - known), missed -> event("changes", number - missed));
    }

    /** Writes what {@link #since} answers, on this thread and not on that of a reader. */
    @SuppressWarnings("CheckReturnValue") // it is kept
    void write(long known) {
        since(known);
    }

    private static boolean isBefore(Item item, StockCount count) {
        return item.count().sku().value().compareTo(count.sku().value()) < 0;
    }

    /** The least that is not less. */
    private static long powerOfTwo(long least) {
        return least <= 1 ? 1 : Long.highestOneBit(least - 1) << 1;
    }

    private Buffer event(String name, long after) {
        List<Item> news = items.stream().filter(item -> item.since() > after).toList();
        return ServerSentEvent.of(name, Json.object(json -> write(json, news)));
    }

    private void write(JsonGenerator json, List<Item> news) throws IOException {
        json.writeStringField("saleId", saleId.value());
        json.writeStringField("state", state.word());
        Json.list(json, "items", news, (each, item) -> StockJson.write(each, item.count()));
    }
}
