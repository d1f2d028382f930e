package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.benchmark.ManySales;
import dev.holdfast.dev.LocalRedis;
import dev.holdfast.support.TestServers;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Two nodes with many open sales, of which some sell. How fast it is tells the load tool, dev.holdfast.benchmark.ManySalesLoad. */
class ManySalesTest {

    private static final int SALES = 60;
    private static final int SELLING = 15;

    @Test
    void someSellAllIsRecordedHoldsThatAreDueComeBackUnaskedAndTheOthersCostNextToNothing() {
        LocalRedis redis = TestServers.ownRedis();
        try (ManySales many = new ManySales(redis.uri(), 2)) {
            many.open(SALES);

            // What was set up is audited once more, some seconds later.
            await().atMost(Duration.ofMinutes(2))
                    .until(() -> many.idle(3, Duration.ofSeconds(60)).commands() < 1);
            ManySales.Sold sold = many.sell(SELLING, Duration.ofMillis(600), Duration.ofSeconds(6));

            System.out.println(sold);
            assertThat(sold.held()).isGreaterThan(SELLING);
            assertThat(sold.refused()).isZero();
            assertThat(sold.retries()).isLessThan(sold.transactions());
            many.requireBalanced(1);
        } finally {
            redis.stop();
        }
    }
}
