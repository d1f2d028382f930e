package dev.holdfast.reservation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SuspectsTest {

    private static final Lane LANE = new Lane(new SaleId("sale"), 0, 7);

    private final Suspects suspects = new Suspects();

    @Test
    void mendedEntriesOfDueAreToldHoweverMuchElseIsSuspected() {
        IntStream.range(0, 2_000).forEach(i -> suspects.add(new Suspects.Hold(LANE, "key-" + i)));

        suspects.add(new Suspects.LostDues(LANE, 3));

        assertThat(suspects.take()).hasSize(1_001).contains(new Suspects.LostDues(LANE, 3));
        assertThat(suspects.take()).isEmpty();
    }
}
