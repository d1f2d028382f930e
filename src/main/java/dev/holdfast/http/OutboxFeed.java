package dev.holdfast.http;

import dev.holdfast.ledger.EventBook;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Events as they come, to all who listen at one event loop, whichever node wrote them: while somebody does, it looks every tenth
 * of a second whether there are new ones.
 */
public final class OutboxFeed {

    private static final long INTERVAL_MS = 100;

    private final Vertx vertx;
    private final EventBook book;
    private final EventStreams streams;
    private final Set<OutboxReader> readers = new LinkedHashSet<>();
    private boolean looking;

    /** Looks at nothing yet. */
    public OutboxFeed(Vertx vertx, EventBook book, EventStreams streams) {
        this.vertx = vertx;
        this.book = book;
        this.streams = streams;
    }

    EventBook book() {
        return book;
    }

    /**
     * What comes after the last event that the reader has. An id that is not given out yet is not one that he has: it is of other
     * books. Fails with Unavailable.
     *
     * @param saleId whose events; null for all
     * @param last its id; null for a reader who wants only what is new
     */
    Future<EventStream> follow(@Nullable SaleId saleId, @Nullable Long last) {
        return book.newest()
                .map(newest -> last == null ? newest : Math.min(last, newest))
                .map(after -> new EventStream(
                        streams, stream -> join(new OutboxReader(stream, book, saleId, after), stream)));
    }

    private void join(OutboxReader reader, OpenStream stream) {
        readers.add(reader);
        stream.onEnd(() -> readers.remove(reader));
        if (!looking) {
            looking = true;
            look();
        }
    }

    /** Readers are told each time, new or not: what one of them could not read is tried again. */
    private void look() {
        book.newest()
                .onSuccess(newest -> Set.copyOf(readers).forEach(reader -> reader.upTo(newest)))
                .onComplete(done -> lookLater());
    }

    private void lookLater() {
        vertx.setTimer(INTERVAL_MS, tick -> {
            if (readers.isEmpty()) {
                looking = false;
            } else {
                look();
            }
        });
    }
}
