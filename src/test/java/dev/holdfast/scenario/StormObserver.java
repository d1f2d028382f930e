package dev.holdfast.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.scenario.Observation.NotAnswered;
import dev.holdfast.scenario.Observation.StockSeen;
import dev.holdfast.scenario.WatchedStock.Frame;
import dev.holdfast.support.Api;
import dev.holdfast.support.EventReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Looks at the stock of a sale in a storm, as shop pages do, at each node, once and as a stream, and at PostgreSQL's cursor. */
final class StormObserver implements AutoCloseable {

    private static final long PAUSE_MS = 20;

    private final List<URI> nodes;
    private final String saleId;
    private final BooksReader books;
    private final Queue<Observation> seen = new ConcurrentLinkedQueue<>();
    private final Queue<WatchedStock> ended = new ConcurrentLinkedQueue<>();
    private final Map<Integer, EventReader> open = new TreeMap<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicBoolean over = new AtomicBoolean();

    /** @param nodes addresses of their public listeners */
    StormObserver(List<URI> nodes, String saleId, BooksReader books) {
        this.nodes = nodes;
        this.saleId = saleId;
        this.books = books;
    }

    void begin() {
        for (int i = 0; i < nodes.size(); i++) {
            int node = i;
            threads.execute(() -> look(node));
            threads.execute(() -> watch(node));
        }
        threads.execute(this::readCursor);
    }

    /** No more reads of stock or of the cursor; streams stay open, to see how it ends. */
    void end() {
        over.set(true);
    }

    /** Whether each stream that is open shows these counts. */
    boolean allStreamsShow(Map<String, Counts> counts) {
        synchronized (open) {
            return open.values().stream().allMatch(stream -> stream.hasEnded() || counts.equals(viewOf(stream)));
        }
    }

    /** Whether each node showed stock when it was asked after that moment. */
    boolean allShownSince(long nanos) {
        Set<Integer> shown = new HashSet<>();
        for (Observation observation : seen) {
            if (observation instanceof StockSeen stock && stock.startNanos() - nanos > 0) {
                shown.add(stock.node());
            }
        }
        return shown.size() == nodes.size();
    }

    /** What was seen so far. */
    Observations told() {
        List<WatchedStock> streams = new ArrayList<>(ended);
        synchronized (open) {
            open.forEach((node, reader) -> streams.add(watched(node, reader)));
        }
        return new Observations(List.copyOf(seen), streams);
    }

    @Override
    public void close() {
        over.set(true);
        synchronized (open) {
            open.values().forEach(EventReader::close);
        }
        threads.close();
    }

    private void look(int node) {
        URI uri = nodes.get(node);
        Api api = new Api(uri, uri);
        String sku = null;
        for (long turn = 0; !over.get(); turn++) {
            boolean whole = turn % 2 == 0 || sku == null;
            String asked = whole ? "" : sku;
            sku = look(api, node, asked, sku);
            pause();
        }
    }

    /** Answers a SKU that is there; what was known before where there was no answer. */
    private @Nullable String look(Api api, int node, String sku, @Nullable String known) {
        long start = System.nanoTime();
        try {
            Api.Answer answer = sku.isEmpty() ? api.stock(saleId) : api.stock(saleId, sku);
            long end = System.nanoTime();
            if (answer.status() != 200) {
                seen.add(new NotAnswered("stock", node, answer.code(), start, end));
                return known;
            }
            Map<String, Counts> items = sku.isEmpty() ? items(answer.body()) : Map.of(sku, counts(answer.body()));
            seen.add(new StockSeen(node, items, sku.isEmpty(), start, end));
            return items.keySet().stream().findFirst().orElse(known);
        } catch (UncheckedIOException e) {
            seen.add(new NotAnswered("stock", node, "unknown", start, System.nanoTime()));
            return known;
        }
    }

    private void watch(int node) {
        while (!over.get()) {
            EventReader reader;
            synchronized (open) {
                reader = open.get(node);
                if (reader != null && reader.hasEnded()) {
                    ended.add(watched(node, reader));
                    reader.close();
                    open.remove(node);
                    reader = null;
                }
            }
            if (reader == null) {
                open(node);
            }
            pause();
        }
    }

    private void open(int node) {
        try {
            EventReader reader =
                    EventReader.of(Api.request(nodes.get(node), "GET", "/v1/sales/" + saleId + "/stock/events", null));
            if (reader.status() != 200) {
                reader.close();
                return;
            }
            synchronized (open) {
                open.put(node, reader);
            }
        } catch (UncheckedIOException e) {
            // The node is away; it is asked again.
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }

    private void readCursor() {
        try (CursorWatch watch = new CursorWatch(books, saleId)) {
            while (!over.get()) {
                watch.read().ifPresent(seen::add);
                pause();
            }
        }
    }

    private static void pause() {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MS));
    }

    private static WatchedStock watched(int node, EventReader reader) {
        boolean whole = !reader.hasEnded();
        List<Frame> frames = new ArrayList<>();
        List<EventReader.Event> events = reader.events();
        for (int i = 0; i < events.size(); i++) {
            frames.add(new Frame(items(events.get(i).json()), reader.readNanos(i)));
        }
        return new WatchedStock(node, frames, whole);
    }

    private static Map<String, Counts> viewOf(EventReader reader) {
        Map<String, Counts> view = new TreeMap<>();
        reader.events().forEach(event -> view.putAll(items(event.json())));
        return view;
    }

    /** Counts by SKU, as the API tells them. */
    static Map<String, Counts> items(JsonNode body) {
        Map<String, Counts> items = new TreeMap<>();
        body.path("items").forEach(item -> items.put(item.path("sku").asText(), counts(item)));
        return items;
    }

    /** Where the units of one SKU are, as the API tells it. */
    static Counts counts(JsonNode item) {
        return new Counts(
                item.path("capacity").asLong(-1),
                item.path("available").asLong(-1),
                item.path("held").asLong(-1),
                item.path("sold").asLong(-1));
    }
}
