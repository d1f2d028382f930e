package dev.holdfast.redis;

import dev.holdfast.reservation.Refusal;
import dev.holdfast.reservation.Refusal.Alternative;
import dev.holdfast.reservation.Refusal.Shortage;
import dev.holdfast.reservation.Sku;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads why hold and replace refuse a cart; include/taking.lua writes it. */
final class RefusalReply {

    private static final int SHORTAGES_FROM = 4;
    private static final int SHORTAGE_SIZE = 4;
    private static final int ALTERNATIVE_SIZE = 2;

    /**
     * What the reply tells is when any hold of the lane is due, whatever it holds: in a quiet sale that may be minutes away
     * while a buyer releases what is short now, and all who were refused would come back at that one moment.
     */
    private static final long RETRY_AFTER_MOST_MS = 5_000;

    private RefusalReply() {}

    /** Throws IllegalStateException where the reply is no refusal. */
    static Refusal read(Reply reply) {
        return switch (reply.word()) {
            case "OUT_OF_STOCK" -> outOfStock(reply);
            case "PURCHASE_LIMIT" ->
                new Refusal.PurchaseLimit(
                        reply.number(1), reply.number(2), reply.size() > 3 ? new Sku(reply.text(3)) : null);
            case "UNKNOWN_SKU" ->
                new Refusal.UnknownSkus(
                        reply.parts().stream().skip(1).map(Sku::new).toList());
            case "SALE_NOT_OPEN" -> new Refusal.SaleNotOpen(reply.number(1), reply.number(2));
            case "SALE_PAUSED" -> new Refusal.SalePaused();
            case "SALE_CLOSED" -> new Refusal.SaleClosed();
            default -> throw reply.unreadable();
        };
    }

    private static Refusal outOfStock(Reply reply) {
        long count = reply.number(3);
        List<Shortage> shortages = new ArrayList<>();
        int place = SHORTAGES_FROM;
        for (; shortages.size() < count; place += SHORTAGE_SIZE) {
            shortages.add(new Shortage(
                    new Sku(reply.text(place)),
                    reply.number(place + 1),
                    reply.number(place + 2),
                    reply.number(place + 3)));
        }
        List<Alternative> alternatives = new ArrayList<>();
        for (; place < reply.size(); place += ALTERNATIVE_SIZE) {
            alternatives.add(new Alternative(new Sku(reply.text(place)), reply.number(place + 1)));
        }
        return new Refusal.OutOfStock(shortages, alternatives, retryAfterMs(reply, shortages));
    }

    private static @Nullable Long retryAfterMs(Reply reply, List<Shortage> shortages) {
        boolean anyHeld = shortages.stream().anyMatch(shortage -> shortage.held() > 0);
        return anyHeld ? Math.clamp(reply.number(2) - reply.number(1), 1, RETRY_AFTER_MOST_MS) : null;
    }
}
