package dev.holdfast.gatling;

import dev.holdfast.gatling.history.Line;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a buyer wants.
 *
 * @param key the same for every repetition
 */
record Wish(String customer, String key, List<Line> lines) {

    /** The body that asks for it. */
    String body() {
        return lines.stream()
                .map(line -> "{\"sku\":\"%s\",\"quantity\":%d}".formatted(line.sku(), line.quantity()))
                .collect(Collectors.joining(",", "{\"customerId\":\"" + customer + "\",\"items\":[", "]}"));
    }
}
