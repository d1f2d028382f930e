package dev.holdfast.http;

import dev.holdfast.reservation.StockCounts;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * The pages of counts: each is written once, for everyone who is shown the same counts, and not on an event loop that serves buyers: a page
 * of 20,000 SKUs has more than a megabyte. Safe for all threads.
 */
public final class StockPages {

    private final Context loop;
    private final Map<StockCounts, Future<Buffer>> written = Collections.synchronizedMap(new WeakHashMap<>());

    /**
     * None is written yet.
     *
     * @param loop on which they are written
     */
    public StockPages(Context loop) {
        this.loop = loop;
    }

    /** JSON; nobody may change it. */
    Future<Buffer> of(StockCounts counts) {
        return written.computeIfAbsent(counts, this::write);
    }

    private Future<Buffer> write(StockCounts counts) {
        Promise<Buffer> page = Promise.promise();
        loop.runOnContext(
                on -> page.complete(Json.object(json -> Json.list(json, "items", counts.all(), StockJson::write))));
        return page.future();
    }
}
