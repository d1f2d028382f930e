package dev.holdfast.http;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The open streams of one kind at a node: not too many, none silent for long, and all ended before the listeners are, which would
 * wait for them. Safe for all threads.
 */
public final class EventStreams {

    /** Less than any idle time-out on the way, ours included. */
    public static final Duration USUAL_HEARTBEAT = Duration.ofSeconds(10);

    static final Problem TOO_MANY = Problem.of(
            ProblemCode.OVERLOADED, "Too many streams are open here already. Try again, or read without one.");

    /** Some forty snapshots of the largest sale. */
    private static final long MOST_UNSENT = 64L << 20;

    private final UnsentBytes unsent = new UnsentBytes(MOST_UNSENT);
    private final int most;
    private final Duration heartbeat;
    private final AtomicInteger admitted = new AtomicInteger();
    private final Set<OpenStream> open = ConcurrentHashMap.newKeySet();
    private volatile boolean over;

    /**
     * None is open at first.
     *
     * @param most streams at once
     * @param heartbeat the longest silence
     */
    public EventStreams(int most, Duration heartbeat) {
        this.most = most;
        this.heartbeat = heartbeat;
    }

    /** How many are open. */
    public int count() {
        return admitted.get();
    }

    /** Ends them all, and lets none begin any more. */
    public Future<Void> end() {
        over = true;
        List<Future<Void>> ends = open.stream().map(EventStreams::ended).toList();
        return Future.join(ends).mapEmpty();
    }

    /** Takes a place, which {@link #open} gives back when the stream has ended; false where there is none. */
    boolean admit() {
        if (over) {
            return false;
        }
        boolean fits = admitted.incrementAndGet() <= most;
        if (!fits) {
            admitted.decrementAndGet();
        }
        return fits;
    }

    /** On the event loop of the request, whose head is not yet written. */
    void open(Call call, EventStream reply) {
        OpenStream stream = new OpenStream(call, heartbeat, unsent);
        open.add(stream);
        stream.onEnd(() -> {
            open.remove(stream);
            admitted.decrementAndGet();
        });
        if (over) {
            stream.end();
        } else {
            reply.begin().accept(stream);
        }
    }

    private static Future<Void> ended(OpenStream stream) {
        stream.onLoop(stream::end);
        return stream.ended();
    }
}
