package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.SaleStanding;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SaleScriptTest {

    /** The last millisecond that RFC 3339 can name, which people take for never. */
    private static final long YEAR_9999_MS = 253_402_300_799_999L;

    private static RedisRoom room;

    @BeforeAll
    static void connect() {
        room = RedisRoom.shared();
    }

    @AfterAll
    static void disconnect() {
        room.close();
    }

    @Test
    void aSaleStandsAsItsWindowAndSwitchSay() {
        RedisSeed seed = RedisSeed.openSale(room);

        assertThat(standing(seed)).isEqualTo(SaleStanding.State.OPEN);
        seed.window(YEAR_9999_MS, 0);
        assertThat(standing(seed)).isEqualTo(SaleStanding.State.SCHEDULED);
        seed.window(0, YEAR_9999_MS);
        assertThat(standing(seed)).isEqualTo(SaleStanding.State.OPEN);
        seed.window(0, 1);
        assertThat(standing(seed)).isEqualTo(SaleStanding.State.CLOSED);
        seed.state(Sale.Switch.PAUSED);
        assertThat(standing(seed)).isEqualTo(SaleStanding.State.PAUSED);
        seed.window(0, 0).state(Sale.Switch.CLOSED);
        assertThat(standing(seed)).isEqualTo(SaleStanding.State.CLOSED);
    }

    private static SaleStanding.State standing(RedisSeed seed) {
        return room.await(() -> room.step.standing(seed.lane)).state();
    }
}
