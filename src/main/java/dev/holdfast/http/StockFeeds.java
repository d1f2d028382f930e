package dev.holdfast.http;

import dev.holdfast.reservation.ReservationDesk;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The stock that is being watched at this node: each sale is looked at once for all who watch it. Safe for all threads. */
public final class StockFeeds {

    private final Context loop;
    private final ReservationDesk desk;
    private final EventStreams streams;
    private final Map<SaleId, StockFeed> watched = new HashMap<>();

    /**
     * Looks at nothing yet.
     *
     * @param loop the event loop of the desk
     */
    public StockFeeds(Context loop, ReservationDesk desk, EventStreams streams) {
        this.loop = loop;
        this.desk = desk;
        this.streams = streams;
    }

    /** A snapshot, then what changes; empty where there is no such sale. Fails with Unavailable where it cannot begin. */
    Future<Optional<EventStream>> watch(SaleId saleId) {
        Promise<Optional<EventStream>> stream = Promise.promise();
        loop.runOnContext(on -> feed(saleId)
                .map(found -> found.map(feed -> new EventStream(streams, reader -> join(saleId, feed, reader))))
                .onComplete(stream));
        return stream.future();
    }

    private Future<Optional<StockFeed>> feed(SaleId saleId) {
        StockFeed feed = watched.get(saleId);
        return feed != null && feed.isCurrent()
                ? Future.succeededFuture(Optional.of(feed))
                : StockFeed.of(saleId, desk, loop.owner());
    }

    /** Only the first feed of a sale is watched: of those who came at once, each may have a feed of his own. */
    private void join(SaleId saleId, StockFeed asked, OpenStream reader) {
        StockWatcher watcher = new StockWatcher(reader);
        loop.runOnContext(on -> {
            StockFeed feed = watched.computeIfAbsent(saleId, sale -> asked);
            feed.add(watcher);
            reader.onEnd(() -> loop.runOnContext(end -> leave(saleId, feed, watcher)));
        });
    }

    private void leave(SaleId saleId, StockFeed feed, StockWatcher watcher) {
        feed.remove(watcher);
        if (!feed.isWatched()) {
            watched.remove(saleId, feed);
        }
    }
}
