package dev.holdfast.http;

import dev.holdfast.ledger.KeyHolder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Whose key it is, and that it is nobody's, among three. */
@State(Scope.Thread)
public class ApiKeysBenchmark {

    private final ApiKeys keys = new ApiKeys(
            Map.of("web", "a-checkout-key-of-32-characters-", "app", "another-checkout-key-of-this-shop"),
            Map.of("ops", "an-admin-key-of-this-very-shop--"),
            none -> Optional.empty());
    private final List<String> known = List.of("Bearer a-checkout-key-of-32-characters-");
    private final List<String> unknown = List.of("Bearer a-checkout-key-that-nobody-has--");

    /** A checkout's. */
    @Benchmark
    public Optional<KeyHolder> known() {
        return keys.holder(known);
    }

    /** Nobody's. */
    @Benchmark
    public Optional<KeyHolder> unknown() {
        return keys.holder(unknown);
    }
}
