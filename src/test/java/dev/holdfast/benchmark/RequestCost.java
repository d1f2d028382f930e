package dev.holdfast.benchmark;

import dev.holdfast.Tuning;
import dev.holdfast.support.Api;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Tells what one request costs the event loop that serves it: bytes allocated, which does not depend on what else the machine
 * does, and processor time, which does a little. A whole node in this JVM, with one loop for buyers; the recorder has its own.
 */
public final class RequestCost {

    private static final int CONNECTIONS = 64;

    /** Enough for the optimizing compiler to be done. */
    private static final int WARM_UP = 40_000;

    private static final int MEASURED = 40_000;
    private static final String SALE = "cost";
    private static final Pattern RESERVATION_ID = Pattern.compile("\"reservationId\":\"([^\"]+)\"");

    private final Callers callers;
    private final LoopMeter loop;
    private final Requests requests = new Requests(SALE);
    private final Queue<String> held = new ArrayDeque<>();
    private long next = 1;

    private RequestCost(Callers callers, LoopMeter loop) {
        this.callers = callers;
        this.loop = loop;
    }

    /** Prints a line for each kind of request. */
    public static void main(String[] args) {
        Tuning oneLoop = Tuning.defaults().withHttpLoops(1);
        try (TestNode node = TestNode.start(TestServers.redisUri(), TestServers.migratedDatabase(), tuning -> oneLoop);
                Callers callers = new Callers(node.publicUri().getPort(), CONNECTIONS)) {
            openSale(node.api());
            LoopMeter loop = LoopMeter.ofWhoDoes(
                    () -> callers.ask(number -> Requests.get("/nothing"), 1, 20 * CONNECTIONS, 404, answer -> {}));
            new RequestCost(callers, loop).measureAll();
        }
    }

    private static void openSale(Api api) {
        api.putSale(SALE, "{\"holdSeconds\":3600,\"maxHoldSeconds\":7200,\"perCustomerLimit\":100}");
        api.putStock(SALE, "NONE", 0);
        for (int i = 0; i < 20; i++) {
            api.putStock(SALE, sku(i), 1_000_000_000L);
        }
    }

    private void measureAll() {
        System.out.printf("%-34s %12s %12s%n", "request", "bytes", "CPU us");
        measure("not found, without body", number -> Requests.get("/nothing"), 404, answer -> {});
        measure("sold out, 409", number -> requests.hold(number, Requests.line("NONE")), 409, answer -> {});
        measure("hold of 1 line, 201", number -> requests.hold(number, Requests.line(sku(0))), 201, this::remember);
        measure("confirm, 200", number -> requests.confirm(held.remove()), 200, answer -> {});
        measure("hold of 20 lines, 201", number -> requests.hold(number, twentyLines()), 201, answer -> {});
    }

    private void measure(String what, LongFunction<byte[]> request, int status, Consumer<String> answered) {
        callers.ask(request, take(WARM_UP), WARM_UP, status, answered);
        LoopMeter.Reading before = loop.read();
        callers.ask(request, take(MEASURED), MEASURED, status, answered);
        LoopMeter.Reading used = loop.read().since(before);
        System.out.printf("%-34s %,12d %12.1f%n", what, used.bytes() / MEASURED, used.cpuNanos() / 1000.0 / MEASURED);
    }

    private long take(int numbers) {
        long first = next;
        next += numbers;
        return first;
    }

    private void remember(String answer) {
        Matcher id = RESERVATION_ID.matcher(answer);
        if (id.find()) {
            held.add(id.group(1));
        }
    }

    private static String twentyLines() {
        return IntStream.range(0, 20).mapToObj(i -> Requests.line(sku(i))).collect(Collectors.joining(","));
    }

    private static String sku(int number) {
        return "SKU-%04d".formatted(number);
    }
}
