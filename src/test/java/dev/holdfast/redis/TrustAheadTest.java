package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.ListedSale.LaneState;
import dev.holdfast.reservation.SaleDirectory;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.StaleLane;
import dev.holdfast.reservation.Unavailable;
import dev.holdfast.reservation.Unavailable.Reason;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TrustAheadTest implements SaleDirectory {

    private static RedisRoom room;

    private final List<ListedSale> sales = new ArrayList<>();
    private final List<Lane> asked = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void connect() {
        room = RedisRoom.shared();
    }

    @AfterAll
    static void disconnect() {
        room.close();
    }

    @Test
    void everyOpenLaneIsComparedThoughNobodyAsksForIt() {
        RedisSeed one = listed(LaneState.OPEN);
        RedisSeed frozen = listed(LaneState.FROZEN);
        RedisSeed two = listed(LaneState.OPEN);

        room.await(() -> ahead(null).look());

        assertThat(asked).containsExactly(one.lane, two.lane).doesNotContain(frozen.lane);
    }

    @Test
    void aLaneWithoutItsHistoryKeepsNoneOfTheOthers() {
        RedisSeed lost = listed(LaneState.OPEN);
        RedisSeed whole = listed(LaneState.OPEN);

        room.await(() -> ahead(new StaleLane(lost.lane, "lost")).look());

        assertThat(asked).containsExactly(lost.lane, whole.lane);
    }

    @Test
    void whilePostgresqlIsAwayOnlyOneLaneIsTried() {
        RedisSeed first = listed(LaneState.OPEN);
        listed(LaneState.OPEN);

        room.await(() -> ahead(new Unavailable(Reason.POSTGRES_UNAVAILABLE, "away", null))
                .look());

        assertThat(asked).containsExactly(first.lane);
    }

    @Test
    void startedItLooksAgainAndAgain() {
        RedisSeed first = listed(LaneState.OPEN);
        TrustAhead ahead = ahead(null);

        ahead.start();
        await().until(() -> asked.size() >= 2);
        ahead.stop();

        assertThat(asked).containsOnly(first.lane);
    }

    private TrustAhead ahead(@Nullable Throwable failure) {
        return new TrustAhead(room.redis, this, lane -> {
            asked.add(lane);
            return failure == null ? Future.succeededFuture(lane) : Future.failedFuture(failure);
        });
    }

    @CanIgnoreReturnValue
    private RedisSeed listed(LaneState state) {
        RedisSeed seed = RedisSeed.openSale(room);
        sales.add(new ListedSale(seed.sale, seed.lane, state));
        return seed;
    }

    @Override
    public Future<Optional<ListedSale>> find(SaleId saleId) {
        return Future.succeededFuture(Optional.empty());
    }

    @Override
    public Future<Optional<ListedSale>> refresh(SaleId saleId) {
        return find(saleId);
    }

    @Override
    public Collection<ListedSale> known() {
        return sales;
    }
}
