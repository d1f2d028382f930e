package dev.holdfast.http;

import dev.holdfast.ledger.CloudEvent;
import dev.holdfast.ledger.EventBook;
import dev.holdfast.reservation.SaleId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sends one reader all events after the last one he has, as fast as he takes them. */
final class OutboxReader {

    private static final int PAGE = 100;

    private final OpenStream stream;
    private final EventBook book;
    private final @Nullable SaleId saleId;
    private long last;
    private long newest;
    private boolean reading;

    /**
     * Sends nothing but where to come back.
     *
     * @param saleId whose events; null for all
     * @param last id of the last event that the reader has
     */
    OutboxReader(OpenStream stream, EventBook book, @Nullable SaleId saleId, long last) {
        this.stream = stream;
        this.book = book;
        this.saleId = saleId;
        this.last = last;
        stream.send(ServerSentEvent.mark(last));
    }

    /** There are events up to this id, and perhaps more. */
    void upTo(long id) {
        newest = Math.max(newest, id);
        read();
    }

    private void read() {
        if (reading || last >= newest || stream.isOver()) {
            return;
        }
        if (stream.isFull()) {
            stream.onRoom(this::read);
            return;
        }
        reading = true;
        long goal = newest;
        book.after(last, saleId, PAGE).onComplete(page -> {
            reading = false;
            if (page.succeeded()) {
                send(page.result(), goal);
                read();
            }
        });
    }

    /** Less than a page is all there is up to the goal, so the reader of one sale need not be sent what is another's. */
    private void send(List<CloudEvent> page, long goal) {
        for (CloudEvent event : page) {
            stream.send(
                    ServerSentEvent.of(event.id(), event.type(), event.json().toBuffer()));
            last = event.id();
        }
        if (page.size() < PAGE) {
            last = Math.max(last, goal);
        }
    }
}
