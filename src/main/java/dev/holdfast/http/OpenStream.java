package dev.holdfast.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A stream of Server-Sent Events to one reader. To be used on the event loop of its request, but for what says otherwise. A reader
 * that takes nothing for twice the listener's idle time-out loses the connection.
 */
final class OpenStream {

    private static final Buffer HEARTBEAT = Buffer.buffer(":\n\n");

    /** Those who lose a node at one moment should not come to the next at one moment. */
    private static final int LEAST_RETRY_MS = 1_000;

    private static final int MOST_RETRY_MS = 3_000;

    private final Call call;
    private final HttpServerResponse response;
    private final Promise<Void> ended = Promise.promise();
    private final long heartbeat;
    private boolean wroteSinceHeartbeat = true;

    /** Sends the head of the answer. */
    OpenStream(Call call, Duration heartbeat) {
        this.call = call;
        response = call.request().response();
        response.setChunked(true);
        response.closeHandler(closed -> finish());
        response.exceptionHandler(broken -> finish());
        this.heartbeat = call.vertx().setPeriodic(heartbeat.toMillis(), tick -> beat());
        int retryMs = ThreadLocalRandom.current().nextInt(LEAST_RETRY_MS, MOST_RETRY_MS);
        send(Buffer.buffer("retry: " + retryMs + "\n\n"));
    }

    /** One event, as {@link ServerSentEvent} writes it; nothing where the stream has ended. */
    void send(Buffer event) {
        if (!isOver()) {
            wroteSinceHeartbeat = true;
            response.write(event).onFailure(gone -> {});
        }
    }

    /** Whether the reader lags: what is sent now would pile up here. */
    boolean isFull() {
        return response.writeQueueFull();
    }

    /** Calls this, and nothing that was asked for before, when the reader has caught up. */
    void onRoom(Runnable step) {
        response.drainHandler(room -> step.run());
    }

    /** For all threads: calls this when it has ended, whoever ended it. */
    void onEnd(Runnable step) {
        ended.future().onComplete(end -> step.run());
    }

    /** For all threads. */
    boolean isOver() {
        return ended.future().isComplete();
    }

    /** For all threads. */
    Future<Void> ended() {
        return ended.future();
    }

    /** For all threads. */
    void onLoop(Runnable step) {
        call.onLoop(step);
    }

    /** Ends it in order, or at once where the reader lags. */
    void end() {
        if (isOver()) {
            return;
        }
        if (isFull()) {
            call.request().connection().close().onComplete(closed -> finish());
        } else {
            response.end().onComplete(sent -> finish());
        }
    }

    private void beat() {
        if (!wroteSinceHeartbeat && !isFull()) {
            send(HEARTBEAT);
        }
        wroteSinceHeartbeat = false;
    }

    private void finish() {
        if (ended.tryComplete()) {
            call.vertx().cancelTimer(heartbeat);
        }
    }
}
