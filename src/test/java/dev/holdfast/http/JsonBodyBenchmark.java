package dev.holdfast.http;

import dev.holdfast.reservation.Cart;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The body of POST reservations, from its bytes to the cart. */
@State(Scope.Thread)
public class JsonBodyBenchmark {

    /** Lines of the cart. */
    @Param({"1", "20"})
    public int lines;

    private byte[] body;

    /** A body as a shop would send it. */
    @Setup
    public void write() {
        String items = IntStream.range(0, lines)
                .mapToObj("{\"sku\":\"RED-DRESS-%02d\",\"quantity\":1}"::formatted)
                .collect(Collectors.joining(","));
        body = "{\"customerId\":\"c-0000000042\",\"items\":[%s],\"holdSeconds\":60}"
                .formatted(items)
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Read, checked and sorted. */
    @Benchmark
    public Cart read() {
        JsonFields fields = JsonBody.read(body);
        String customerId = fields.identifier("customerId");
        CartBody cart = CartBody.read(fields);
        Integer holdSeconds = fields.optionalInt("holdSeconds", 5, 3600);
        fields.check();
        if (customerId.isEmpty() || holdSeconds == null) {
            throw new IllegalStateException("nothing was read");
        }
        return cart.cart();
    }
}
