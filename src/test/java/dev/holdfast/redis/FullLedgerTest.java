package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.Unavailable;
import dev.holdfast.support.TestServers;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** PostgreSQL is so far behind that no more history may wait: new holds are turned away, and nothing else is. */
class FullLedgerTest {

    @Test
    void aFullLedgerTurnsNewHoldsAwayAndLetsTheOthersEnd() {
        String small = Scripts.bundled().text(Script.HOLD).replace("LEDGER_MOST = 5000000", "LEDGER_MOST = 4");
        Scripts scripts = Scripts.bundled().with(Map.of(Script.HOLD, small));
        try (RedisRoom room =
                new RedisRoom(RedisRoom.patient(TestServers.redisUri()), TestServers.redisUri(), scripts)) {
            RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);
            Reservation first = seed.held("ann", "A", 1);
            Reservation second = seed.held("bob", "A", 1);

            Throwable third = room.failureOf(() -> seed.tryHold(seed.newId(), "cid", RedisSeed.cart("A", 1), null));
            ChangeOutcome confirmed = room.await(() -> room.step.confirm(seed.lane, first.id()));
            ChangeOutcome released = room.await(() -> room.step.release(seed.lane, second.id()));

            assertThat(third)
                    .isInstanceOfSatisfying(
                            Unavailable.class,
                            full -> assertThat(full.reason()).isEqualTo(Unavailable.Reason.OVERLOADED));
            assertThat(confirmed).isInstanceOf(ChangeOutcome.Done.class);
            assertThat(released).isInstanceOf(ChangeOutcome.Done.class);
            assertThat(seed.units("A")).containsExactly(4L, 0L, 1L);
        }
    }
}
