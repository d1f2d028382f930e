package dev.holdfast.http;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Tells one reader of a sale's stock. Who lags is told later, once, what it has come to meanwhile. */
final class StockWatcher {

    private final OpenStream stream;
    private long told = StockFrame.NONE;
    private @Nullable StockFrame latest;

    StockWatcher(OpenStream stream) {
        this.stream = stream;
    }

    /** For all threads; frames come in their order. */
    void show(StockFrame frame) {
        stream.onLoop(() -> {
            latest = frame;
            tell();
        });
    }

    private void tell() {
        StockFrame news = Objects.requireNonNull(latest, "there is something to tell");
        if (news.number() == told) {
            return;
        }
        if (stream.isFull()) {
            stream.onRoom(this::tell);
        } else {
            stream.send(news.since(told));
            told = news.number();
        }
    }
}
