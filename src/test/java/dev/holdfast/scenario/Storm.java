package dev.holdfast.scenario;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** Many clients at once on one sale, over all nodes; by a seed that is printed, so that they can be told to ask the same again. */
final class Storm implements AutoCloseable {

    private final Scene scene;
    private final List<Supplier<Shop>> nodes;
    private final Wishes wishes;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Future<?>> running = new ArrayList<>();
    private final AtomicBoolean over = new AtomicBoolean();

    /** What the clients of one storm share. */
    record Scene(long seed, History history, KnownReservations known) {}

    /** @param nodes each opens a client's way to one node */
    Storm(long seed, List<Supplier<Shop>> nodes, Wishes wishes) {
        this.scene = new Scene(seed, new History(), new KnownReservations());
        this.nodes = List.copyOf(nodes);
        this.wishes = wishes;
    }

    /** From -Dholdfast.storm.seed, else a new one. */
    static long seed() {
        String given = System.getProperty("holdfast.storm.seed", "");
        return given.isBlank() ? ThreadLocalRandom.current().nextLong(1_000_000_000) : Long.parseLong(given.strip());
    }

    /** From -Dholdfast.storm.seconds, else what the test itself takes. */
    static Duration length(Duration usual) {
        String given = System.getProperty("holdfast.storm.seconds", "");
        return given.isBlank() ? usual : Duration.ofSeconds(Long.parseLong(given.strip()));
    }

    History history() {
        return scene.history();
    }

    /** So many clients begin to ask. */
    void begin(int clients) {
        for (int i = 0; i < clients; i++) {
            int number = i;
            running.add(threads.submit(() -> client(number)));
        }
    }

    /** Whether all clients still ask: one that broke is told of by end(). */
    boolean rages() {
        return running.stream().noneMatch(Future::isDone);
    }

    /** Each client finishes what it is about; throws what any of them threw. */
    void end() {
        over.set(true);
        for (Future<?> client : running) {
            try {
                var unused = client.get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while clients finish", e);
            } catch (ExecutionException e) {
                throw new IllegalStateException("a client broke", e.getCause());
            }
        }
    }

    @Override
    public void close() {
        over.set(true);
        threads.close();
    }

    private void client(int number) {
        List<Shop> shops = nodes.stream().map(Supplier::get).toList();
        try {
            new StormClient(number, shops, wishes, scene).run(over::get);
        } finally {
            shops.forEach(Shop::close);
        }
    }
}
