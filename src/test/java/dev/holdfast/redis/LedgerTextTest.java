package dev.holdfast.redis;

import static dev.holdfast.redis.RedisSeed.cart;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Kind;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.Sku;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LedgerTextTest {

    private static final ReservationId ID = new ReservationId("abcdefghijklmnopqrstuv");
    private static final String HELD = "held " + ID + " 1 0 1000 60000 Zm9v ann A 2 B 1";

    @Test
    void aTransitionIsReadWithItsTimesMadeAbsolute() {
        String text = "expired " + ID + " 3 61234 1000 60000 Zm9v ann A 2 B 1";

        LedgerEntry entry = LedgerText.parse(5, text);

        assertThat(entry)
                .isEqualTo(new LedgerEntry.Transition(
                        5,
                        text,
                        Kind.EXPIRED,
                        ReservationId.of(ID.key(), 1000),
                        1000,
                        3,
                        62234,
                        61000,
                        "Zm9v",
                        new CustomerId("ann"),
                        cart("A", 2, "B", 1),
                        null));
        assertThat(((LedgerEntry.Transition) entry).endedAtMs()).isEqualTo(61000);
    }

    @Test
    void aClockThatWasSetBackGivesATimeBeforeTheHold() {
        LedgerEntry entry = LedgerText.parse(5, "released " + ID + " 2 -300 1000 60000 Zm9v ann A 2");

        assertThat(((LedgerEntry.Transition) entry).atMs()).isEqualTo(700);
    }

    @Test
    void aReplacementHasTheLinesBeforeItToo() {
        LedgerEntry entry = LedgerText.parse(5, "replaced " + ID + " 2 10 1000 60000 Zm9v ann A 2 / A 1 B 4");

        assertThat(((LedgerEntry.Transition) entry).cart()).isEqualTo(cart("A", 2));
        assertThat(((LedgerEntry.Transition) entry).previous()).isEqualTo(cart("A", 1, "B", 4));
    }

    @Test
    void salesAndStockAreRead() {
        String sale = "sale 1000 4 open 0 0 60000 300000 0 0";
        String stock = "stock 1000 A 9 1";
        String adjusted = "adjusted 1000 A 17 some-id 4 -3 2 5";
        String shrunk = "shrunk 1000 A 2";

        assertThat(LedgerText.parse(1, sale)).isEqualTo(new LedgerEntry.SaleSet(1, sale, 1000, 4));
        assertThat(LedgerText.parse(2, stock)).isEqualTo(new LedgerEntry.StockSet(2, stock, 1000, new Sku("A"), 9, 1));
        assertThat(LedgerText.parse(3, adjusted))
                .isEqualTo(new LedgerEntry.Adjusted(3, adjusted, 1000, new Sku("A"), 17, "some-id", 4, -3, 2, 5));
        assertThat(LedgerText.parse(4, shrunk)).isEqualTo(new LedgerEntry.Shrunk(4, shrunk, 1000, new Sku("A"), 2));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "held",
                "sold everything",
                "adjusted 1000 A 17 some-id 4 -3 2",
                "shrunk 1000 A x",
                "held short 1 0 1000 60000 Zm9v ann A 2",
                "held abcdefghijklmnopqrstuv 1 0 x 60000 Zm9v ann A 2",
                "held abcdefghijklmnopqrstuv 1 0 1000 60000 Zm9v ann",
                "held abcdefghijklmnopqrstuv 1 0 1000 60000 Zm9v ann A",
                "held abcdefghijklmnopqrstuv 1 0 1000 60000 Zm9v ann A 0",
                "held abcdefghijklmnopqrstuv 1 0 1000 60000 Zm9v ann A 1 A 1",
                "held abcdefghijklmnopqrstuv 1 0 1000 60000 Zm9v an\u0000n A 1",
                "replaced abcdefghijklmnopqrstuv 1 0 1000 60000 Zm9v ann A 2",
                "replaced abcdefghijklmnopqrstuv 1 0 1000 60000 Zm9v ann A 2 /",
                "sale 1000",
                "stock 1000 A -1 1",
                "audit 1000 id A 1 2 3",
                "audit"
            })
    void whatCannotBeReadIsUnreadableAndKeepsItsText(String text) {
        LedgerEntry entry = LedgerText.parse(9, text);

        assertThat(entry).isInstanceOf(LedgerEntry.Unreadable.class);
        assertThat(entry.seq()).isEqualTo(9);
        assertThat(entry.text()).isEqualTo(text);
        assertThat(((LedgerEntry.Unreadable) entry).problem()).isNotEmpty();
    }

    @Test
    void nothingThatMayStandThereThrows() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder(HELD);
            for (int change = random.nextInt(4); change >= 0 && !text.isEmpty(); change--) {
                int place = random.nextInt(text.length());
                switch (random.nextInt(3)) {
                    case 0 -> text.setCharAt(place, (char) random.nextInt(128));
                    case 1 -> text.deleteCharAt(place);
                    default -> text.setLength(place);
                }
            }

            LedgerEntry entry = LedgerText.parse(i, text.toString());

            assertThat(entry.text()).as("seed " + seed).isEqualTo(text.toString());
        }
    }
}
