package dev.holdfast.reservation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReceiptsTest {

    private static final String SECRET = "one secret of at least 32 characters";
    private static final String OLD_SECRET = "an older one of at least 32 characters";
    private static final long HELD_AT = 1_796_000_000_123L;

    private final Receipts receipts = new Receipts(List.of(SECRET));

    @Test
    void whatIsWrittenIsReadAgain() {
        Reservation confirmed = reservation(ReservationState.CONFIRMED, HELD_AT + 5_000);

        String text = receipts.of(confirmed);
        Receipt receipt = receipts.read(text).orElseThrow();

        assertThat(text).matches("[A-Za-z0-9_-]+").hasSizeLessThan(220);
        assertThat(receipt)
                .isEqualTo(new Receipt(
                        confirmed.saleId(),
                        confirmed.id(),
                        confirmed.customerId(),
                        ReservationState.CONFIRMED,
                        confirmed.cart(),
                        HELD_AT,
                        HELD_AT + 60_000,
                        HELD_AT + 5_000,
                        confirmed.mark()));
    }

    @Test
    void aHeldOneHasNoEnd() {
        Receipt receipt = receipts.read(receipts.of(reservation(ReservationState.HELD, null)))
                .orElseThrow();

        assertThat(receipt.endedAtMs()).isZero();
        assertThat(receipt.state()).isEqualTo(ReservationState.HELD);
    }

    @Test
    void eachChangedCharacterIsNoticed() {
        String text = receipts.of(reservation(ReservationState.HELD, null));

        for (int i = 0; i < text.length(); i++) {
            char other = text.charAt(i) == 'A' ? 'Q' : 'A';
            String changed = text.substring(0, i) + other + text.substring(i + 1);
            assertThat(receipts.read(changed)).as("character %d", i).isEmpty();
        }
        assertThat(receipts.read(text.substring(1))).isEmpty();
        assertThat(receipts.read("")).isEmpty();
        assertThat(receipts.read("no receipt!")).isEmpty();
        assertThat(receipts.read("AAAA")).isEmpty();
    }

    @Test
    void oneOfAnotherSecretIsNotAcceptedUnlessThatIsStillKnown() {
        String old = new Receipts(List.of(OLD_SECRET)).of(reservation(ReservationState.HELD, null));

        assertThat(receipts.read(old)).isEmpty();
        assertThat(new Receipts(List.of(SECRET, OLD_SECRET)).read(old)).isPresent();
    }

    private static Reservation reservation(ReservationState state, @Nullable Long endedAtMs) {
        return new Reservation(
                ReservationId.of("0123456789abcdefghijkl", HELD_AT),
                new SaleId("demo"),
                new CustomerId("c-42"),
                state,
                Cart.of(List.of(new Line(new Sku("RED-DRESS-M"), 2), new Line(new Sku("HAT"), 1))),
                HELD_AT,
                HELD_AT + 60_000,
                endedAtMs,
                HELD_AT + 6_000,
                false,
                new Reservation.Mark(2, 1_795_240_556_084L, 17, "0123456789a"));
    }
}
