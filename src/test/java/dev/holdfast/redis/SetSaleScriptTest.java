package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.StaleLane;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SetSaleScriptTest {

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
    void onlyANewerVersionComesIntoForce() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9).limit(2);

        LaneSetup.Setting again = room.await(() -> room.setup.setSale(seed.lane, seed.sale, false));

        assertThat(again).isEqualTo(LaneSetup.Setting.OUTDATED);
        assertThat(seed.ledger())
                .filteredOn(LedgerEntry.SaleSet.class::isInstance)
                .extracting(entry -> ((LedgerEntry.SaleSet) entry).version())
                .containsExactly(1L, 2L);
    }

    @Test
    void creatingALaneThatIsThereLeavesItsStock() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);

        LaneSetup.Setting again = room.await(() -> room.setup.setSale(seed.lane, seed.sale, true));

        assertThat(again).isEqualTo(LaneSetup.Setting.OUTDATED);
        assertThat(seed.units("A")).containsExactly(9L, 0L, 0L);
    }

    @Test
    void aLaneThatWasLostDoesNotComeBackByAnUpdate() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        room.look().del(seed.keys().inOrder());

        Throwable failure = room.failureOf(() -> room.setup.setSale(seed.lane, seed.sale, false));

        assertThat(failure).isInstanceOf(StaleLane.class).hasMessageContaining("Redis does not have it");
        assertThat(room.look().exists(seed.keys().inOrder())).isZero();
    }

    @Test
    void anotherEpochIsNotTouchedByAnUpdateNorAnyLaterOneByAnOlder() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        Lane later = new Lane(seed.sale.id(), 0, 8);
        Lane older = new Lane(seed.sale.id(), 0, 6);

        Throwable update = room.failureOf(() -> room.setup.setSale(later, seed.sale, false));
        Throwable zombie = room.failureOf(() -> room.setup.setSale(older, seed.sale, true));

        assertThat(update).isInstanceOf(StaleLane.class).hasMessageContaining("under another epoch");
        assertThat(zombie).isInstanceOf(StaleLane.class).hasMessageContaining("under another epoch");
        assertThat(seed.units("A")).containsExactly(9L, 0L, 0L);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aNewLifeBeginsWithoutTheRemainsOfAnOlderOne(boolean wholeRemains) {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        seed.held("ann", "A", 2);
        if (!wholeRemains) {
            room.look().del(seed.keys().sale());
        }
        Lane later = new Lane(seed.sale.id(), 0, 8);

        LaneSetup.Setting made = room.await(() -> room.setup.setSale(later, seed.sale, true));

        assertThat(made).isEqualTo(LaneSetup.Setting.APPLIED);
        assertThat(room.look()
                        .exists(
                                seed.keys().stock(),
                                seed.keys().buyers(),
                                seed.keys().holds(),
                                seed.keys().due()))
                .isZero();
        assertThat(room.await(() -> room.stream.read(later, -1, 10)))
                .extracting(LedgerEntry::seq)
                .containsExactly(0L, 1L);
    }

    @Test
    void anOlderLifeThanTheLedgersCannotBegin() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        Map<String, String> stock = room.look().hgetall(seed.keys().stock());
        room.look().del(seed.keys().sale());
        Lane older = new Lane(seed.sale.id(), 0, 6);

        Throwable failure = room.failureOf(() -> room.setup.setSale(older, seed.sale, true));

        assertThat(failure).isInstanceOf(StaleLane.class);
        assertThat(room.look().exists(seed.keys().sale())).isZero();
        assertThat(room.look().hgetall(seed.keys().stock())).isEqualTo(stock);
    }

    @Test
    void whatAnAdminCannotSetIsABadArgument() {
        RedisSeed seed = RedisSeed.openSale(room);
        String[] good = {"0", "9", "open", "0", "0", "60000", "300000", "0", "0"};
        Map<Integer, String> bad = Map.of(
                1, "1.5", 2, "ajar", 3, "-1", 4, "nan", 5, "0x10", 6, "31536000001", 7, "1e3", 8, "10000000000001");

        bad.forEach((place, text) -> {
            String[] arguments = good.clone();
            arguments[place] = text;
            assertThat(room.failureOf(() -> room.calls.call(Script.SET_SALE, seed.lane, arguments)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(Script.SET_SALE.arguments().get(place + 1));
        });
    }
}
