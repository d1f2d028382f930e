package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.SaleStanding;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A sale's stock at one moment, and what became different when: each reader is told what he does not know yet. Immutable. */
final class StockFrame {

    /**
     * A SKU's units.
     *
     * @param since number of the frame that first had them
     */
    private record Item(StockCount count, long since) {}

    private final SaleId saleId;
    private final SaleStanding.State state;
    private final long number;
    private final List<Item> items;

    /** What most readers are told: those who know the frame before. Null in the first. */
    private final @Nullable Buffer changes;

    private StockFrame(SaleId saleId, SaleStanding.State state, long number, List<Item> items, boolean first) {
        this.saleId = saleId;
        this.state = state;
        this.number = number;
        this.items = items;
        changes = first ? null : event("changes", number - 1);
    }

    /** The first one that anybody sees. */
    static StockFrame first(SaleId saleId, SaleStanding.State state, List<StockCount> counts) {
        List<Item> items = counts.stream().map(count -> new Item(count, 0)).toList();
        return new StockFrame(saleId, state, 0, items, true);
    }

    /** The one after it; itself where nothing is different. */
    StockFrame next(SaleStanding.State now, List<StockCount> counts) {
        Map<Sku, Item> known = HashMap.newHashMap(items.size());
        items.forEach(item -> known.put(item.count().sku(), item));
        boolean same = now == state && counts.size() == items.size();
        List<Item> next = new ArrayList<>(counts.size());
        for (StockCount count : counts) {
            Item item = known.get(count.sku());
            boolean unchanged = item != null && item.count().equals(count);
            next.add(unchanged ? item : new Item(count, number + 1));
            same &= unchanged;
        }
        return same ? this : new StockFrame(saleId, now, number + 1, List.copyOf(next), false);
    }

    /** The same with the sale in another state. */
    StockFrame in(SaleStanding.State now) {
        return now == state ? this : new StockFrame(saleId, now, number + 1, items, false);
    }

    /** What a reader is told who knows this one, or nothing where it is null. */
    Buffer since(@Nullable StockFrame known) {
        if (known == null) {
            return event("snapshot", -1);
        }
        return changes != null && known.number == number - 1 ? changes : event("changes", known.number);
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
