package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.MissingNode;
import dev.holdfast.scenario.SaleStorm.Kind;
import dev.holdfast.support.Api;
import dev.holdfast.support.TestWait;
import java.io.UncheckedIOException;
import java.net.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The admin of a sale in a storm: audits, pauses and resumes or pushes the clock on, restocks and corrects, now and then twice, and
 * imports files. */
final class StormAdmin implements AutoCloseable {

    private static final long STEP_MS = 50;

    /** As if a node had said that it cannot serve. */
    private static final Api.Answer AWAY =
            new Api.Answer(503, HttpHeaders.of(Map.of(), (name, value) -> true), "", MissingNode.getInstance());

    private final List<Api> nodes;
    private final AtomicInteger node = new AtomicInteger();
    private final String saleId;
    private final Kind kind;
    private final Map<String, Integer> capacities;
    private final SplittableRandom dice;
    private final List<ToldAdjustments.Applied> applied = new CopyOnWriteArrayList<>();
    private final List<Observation> observed = new ArrayList<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private @Nullable ScheduledFuture<?> steering;
    private long unknown;
    private volatile boolean ending;
    private int keys;

    /** @param nodes of which it asks the next where one is away */
    StormAdmin(List<Api> nodes, String saleId, Kind kind, SplittableRandom dice) {
        this.nodes = List.copyOf(nodes);
        this.saleId = saleId;
        this.kind = kind;
        this.capacities = kind.capacities();
        this.dice = dice;
    }

    void begin() {
        steering = thread.scheduleWithFixedDelay(this::interfere, STEP_MS, STEP_MS, TimeUnit.MILLISECONDS);
    }

    /** Throws what the admin met. */
    void end() {
        if (steering == null) {
            return;
        }
        ending = true;
        boolean broke = steering.isDone();
        steering.cancel(false);
        thread.shutdown();
        try {
            assertThat(thread.awaitTermination(TestWait.LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            if (broke) {
                var unused = steering.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("the admin broke", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** How many adjustments it was told are in force, so far. */
    int adjusted() {
        return applied.size();
    }

    /** To be asked after the end. */
    ToldAdjustments told() {
        return new ToldAdjustments(List.copyOf(applied), unknown);
    }

    /** What else was told; to be asked after the end. */
    Observations observed() {
        return new Observations(observed, List.of());
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    private void interfere() {
        try {
            act();
        } catch (GivenUp e) {
            // The storm is over, and the service cannot serve.
            unknown++;
        }
    }

    /** An admin stops asking: nobody wants the answer any more. */
    private static final class GivenUp extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private void act() {
        int turn = dice.nextInt(40);
        if (turn == 0) {
            audit();
        } else if (turn == 1) {
            importFile();
        } else if (turn < 20) {
            steer();
        } else {
            adjust(turn);
        }
    }

    private void audit() {
        long start = System.nanoTime();
        Api.Answer audit = asked(api -> api.send(api.onAdmin("GET", "/v1/admin/sales/" + saleId + "/audit", null)));
        require(audit);
        String[] position = audit.text("position").split("-", 2);
        observed.add(new Observation.Audited(
                Long.parseLong(position[0]),
                Long.parseLong(position[1]),
                audit.body().path("balanced").asBoolean(),
                side(audit, "redis"),
                side(audit, "postgres"),
                start,
                System.nanoTime()));
    }

    private static Map<String, Counts> side(Api.Answer audit, String name) {
        Map<String, Counts> counts = new TreeMap<>();
        audit.body()
                .path("items")
                .forEach(item -> counts.put(item.path("sku").asText(), StormObserver.counts(item.path(name))));
        return counts;
    }

    /** A new SKU, another capacity for one that sells, and a row that nobody can do anything with. */
    private void importFile() {
        String sku = anySku();
        int capacity = 1 + dice.nextInt(2 * capacities.get(sku) * kind.plenty());
        String file = "sku,capacity\nNEW-%d,5\n%s,%d\nBAD,-1\n".formatted(keys++, sku, capacity);
        String key = "import-" + keys;
        Api.Answer answer = asked(api -> api.importStock(saleId, file, key));
        if (answer.status() == 409) {
            assertThat(answer.code()).isEqualTo("sale-locked");
            // It may have begun at a node that is gone by now.
            unknown++;
            return;
        }
        require(answer);
        assertThat(answer.body().path("created").asInt()).as(answer.text()).isEqualTo(1);
        assertThat(answer.body().path("rejected").asInt()).as(answer.text()).isBetween(1, 2);
        // A file does not tell which adjustment it made.
        unknown += answer.body().path("updated").asInt();
    }

    private void steer() {
        long start = System.nanoTime();
        int seconds = 1 + dice.nextInt(5);
        String verb = dice.nextInt(4) == 0 ? "pause" : "resume";
        Api.Answer answer =
                asked(api -> kind.rehearsal() ? api.advanceClock(saleId, seconds) : api.turn(saleId, verb, "storm"));
        if (answer.code().equals("sale-locked")) {
            // By an admin's node that is gone, or stands still.
            return;
        }
        require(answer);
        if (answer.body().path("live").asBoolean(true)) {
            observed.add(new Observation.SaleSaid(
                    answer.text("state"),
                    answer.body().path("clockOffsetSeconds").asLong() * 1000,
                    start,
                    System.nanoTime()));
        }
    }

    private void adjust(int turn) {
        String sku = anySku();
        int usual = capacities.get(sku) * kind.plenty();
        String key = "adjustment-" + keys++;
        boolean allowed = dice.nextInt(3) == 0;
        String body;
        if (turn < 30) {
            body = "{\"delta\":%d,\"reason\":\"storm\",\"allowBelowHeld\":%b}"
                    .formatted(dice.nextBoolean() ? 1 + dice.nextInt(20) : -1 - dice.nextInt(20), allowed);
        } else {
            long version =
                    asked(api -> api.stock(saleId, sku)).body().path("version").asLong(1) - (turn == 39 ? 1 : 0);
            body = "{\"capacity\":%d,\"expectedVersion\":%d,\"reason\":\"storm\",\"allowBelowHeld\":%b}"
                    .formatted(usual / 2 + dice.nextInt(usual), Math.max(1, version), allowed);
        }
        long start = System.nanoTime();
        CompletableFuture<Api.Answer> second =
                dice.nextInt(4) == 0 ? CompletableFuture.supplyAsync(() -> sent(sku, key, body)) : null;
        note(sku, sent(sku, key, body), start);
        if (second != null) {
            note(sku, second.join(), start);
        }
    }

    private String anySku() {
        return List.copyOf(capacities.keySet()).get(dice.nextInt(capacities.size()));
    }

    /** Asks again, and the other node, while there is no answer or it is that it may be had later; only what may be done twice. */
    private Api.Answer asked(Function<Api, Api.Answer> call) {
        long began = System.nanoTime();
        Api.Answer answer = answered(call).orElse(AWAY);
        while (answer.status() == 503 && System.nanoTime() - began < TestWait.LIMIT.toNanos()) {
            if (ending) {
                throw new GivenUp();
            }
            answer = answered(call).orElse(AWAY);
        }
        return answer;
    }

    /** Empty where the node is away; then the next one is asked from now on. */
    private Optional<Api.Answer> answered(Function<Api, Api.Answer> call) {
        try {
            return Optional.of(call.apply(nodes.get(Math.floorMod(node.get(), nodes.size()))));
        } catch (UncheckedIOException e) {
            var unused = node.incrementAndGet();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(STEP_MS));
            return Optional.empty();
        }
    }

    /** Again with the same key while it is unknown what became of it. */
    private Api.Answer sent(String sku, String key, String body) {
        Api.Answer answer = AWAY;
        for (int tries = 0; tries < 4 && answer.status() == 503; tries++) {
            answer = answered(api -> api.adjust(saleId, sku, key, body)).orElse(AWAY);
            // Locked by a node that is gone, perhaps by that of the try before: whether that one came into force is not
            // known.
            if (tries > 0 && answer.code().equals("sale-locked")) {
                answer = AWAY;
            }
        }
        return answer;
    }

    private void note(String sku, Api.Answer answer, long start) {
        long end = System.nanoTime();
        switch (answer.status()) {
            case 201 ->
                applied.add(new ToldAdjustments.Applied(
                        answer.text("adjustmentId"),
                        answer.body().path("version").asLong(),
                        answer.body().path("pendingReduction").asLong(),
                        start,
                        end));
            case 503 -> unknown++;
            case 409 -> {
                assertThat(answer.code())
                        .as(answer.text())
                        .isIn("capacity-below-use", "version-conflict", "sale-locked");
                if (answer.code().equals("capacity-below-use")) {
                    observed.add(new Observation.BelowUse(
                            sku,
                            answer.body().path("capacity").asLong(),
                            answer.body().path("held").asLong(),
                            answer.body().path("sold").asLong(),
                            start,
                            end));
                }
            }
            case 422 -> assertThat(answer.text()).contains("would make a capacity of");
            default -> throw new IllegalStateException("an admin was answered " + answer.text());
        }
    }

    private static void require(Api.Answer answer) {
        if (answer.status() != 200 && answer.status() != 201) {
            throw new IllegalStateException("an admin was answered " + answer.status() + ' ' + answer.text());
        }
    }
}
