package dev.holdfast.redis;

import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import java.util.ArrayList;
import java.util.List;

/**
 * What stock.lua answers.
 *
 * @param seq of the lane's last entry then
 * @param isMoreDue whether more entries may be due than it took back
 * @param cursor of the next step, 0 where there is none
 */
record StockReply(long seq, boolean isMoreDue, String cursor, List<StockCount> counts) {

    private static final int COUNTS_FROM = 4;
    private static final int TEXTS_A_SKU = 6;

    /** Throws IllegalStateException where it is none. */
    static StockReply read(Reply reply) {
        List<StockCount> counts = new ArrayList<>(reply.size() / TEXTS_A_SKU);
        for (int i = COUNTS_FROM; i < reply.size(); i += TEXTS_A_SKU) {
            counts.add(new StockCount(
                    new Sku(reply.text(i)),
                    reply.number(i + 1),
                    reply.number(i + 2),
                    reply.number(i + 3),
                    reply.number(i + 4),
                    reply.number(i + 5)));
        }
        return new StockReply(reply.number(1), reply.number(2) == 1, reply.text(3), counts);
    }
}
