package dev.holdfast.admin.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.admin.preflight.Evidence.RedisFacts;
import dev.holdfast.ledger.PreflightBook.SkuFacts;
import dev.holdfast.ledger.PreflightBook.Some;
import dev.holdfast.redis.RedisMemory;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What no Redis of ours says: a managed one may hide its memory, and this machine's is not known beforehand. */
class MemoryCheckTest {

    private static final OptionalLong HIDDEN = OptionalLong.empty();

    @Test
    void aRedisThatHidesItsMemoryMayHaveTooLittle() {
        assertThat(codes(1, HIDDEN, HIDDEN, HIDDEN)).containsExactly("redis-memory-unknown");
        assertThat(codes(1, OptionalLong.of(5), HIDDEN, HIDDEN)).containsExactly("redis-memory-unknown");
    }

    @Test
    void withoutALimitTheMachineIsTheLimit() {
        OptionalLong used = OptionalLong.of(447);
        OptionalLong none = OptionalLong.of(0);

        assertThat(codes(1, used, none, OptionalLong.of(1_000))).containsExactly("redis-memory-unlimited");
        assertThat(codes(1, used, none, OptionalLong.of(999)))
                .containsExactly("redis-memory-unlimited", "redis-memory-too-small");
    }

    @Test
    void aLimitCountsBeforeTheMachine() {
        OptionalLong used = OptionalLong.of(447);

        assertThat(codes(1, used, OptionalLong.of(1_000), OptionalLong.of(999))).isEmpty();
        assertThat(codes(2, used, OptionalLong.of(1_000), OptionalLong.of(9_999)))
                .containsExactly("redis-memory-too-small");
    }

    private static List<String> codes(long available, OptionalLong used, OptionalLong max, OptionalLong system) {
        Some none = new Some(0, List.of());
        SkuFacts skus = new SkuFacts(1, available, available, none, none, none, none, none);
        RedisFacts redis = new RedisFacts(List.of(), new RedisMemory(used, max, system), HIDDEN, 0);
        return new MemoryCheck()
                .findings(new Evidence(null, null, skus, redis)).stream()
                        .map(Finding::code)
                        .toList();
    }
}
