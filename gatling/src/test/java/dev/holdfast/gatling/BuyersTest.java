package dev.holdfast.gatling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.gatling.service.SalePlan;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BuyersTest {
    private final Buyers buyers = new Buyers(10, SalePlan.of("test", 5, 10, 2, 60), 3);

    @Test
    void aCartHasDifferentSkusAndNotTooMany() {
        List<Wish> wishes = Stream.generate(buyers::next).limit(1_000).toList();

        assertThat(wishes).allSatisfy(wish -> {
            assertThat(wish.lines()).hasSizeBetween(1, 3).doesNotHaveDuplicates();
        });
        assertThat(wishes).extracting(Wish::key).doesNotHaveDuplicates();
        assertThat(new HashSet<>(wishes.stream().map(Wish::customer).toList())).hasSize(10);
    }

    @Test
    void callersShareAWish() {
        var shared = new Shared<>(buyers::next, 3);

        List<String> keys =
                Stream.generate(shared::next).limit(7).map(Wish::key).toList();

        assertThat(keys).containsExactly("wish-1", "wish-1", "wish-1", "wish-2", "wish-2", "wish-2", "wish-3");
    }
}
