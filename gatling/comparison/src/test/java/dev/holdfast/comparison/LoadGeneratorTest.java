package dev.holdfast.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.comparison.design.BareAnswer;
import dev.holdfast.comparison.design.ConfirmOutcome;
import dev.holdfast.comparison.design.Design;
import dev.holdfast.comparison.design.HoldOutcome;
import dev.holdfast.comparison.design.HoldRequest;
import dev.holdfast.comparison.facade.Facade;
import dev.holdfast.comparison.load.ConfirmRequests;
import dev.holdfast.comparison.load.HoldRequests;
import dev.holdfast.comparison.load.Load;
import dev.holdfast.comparison.load.LoadGenerator;
import dev.holdfast.comparison.load.LoadResult;
import dev.holdfast.comparison.server.Ports;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoadGeneratorTest {

    private final Vertx vertx = Vertx.vertx();
    private final int port = Ports.free();

    @AfterEach
    void stop() {
        vertx.close().await();
    }

    @Test
    void sendsExactlySoManyRequestsEachWithItsOwnKeyAndCountsEveryAnswer() throws IOException {
        Watched design = new Watched(Duration.ZERO);
        serve(design);

        LoadResult result =
                LoadGenerator.run(Load.closed(port, HoldRequests.keyed("s", "any", 7), 100, 8, Duration.ofSeconds(1))
                        .exactly(500));

        assertThat(result.accepted()).isEqualTo(500);
        assertThat(result.others()).isZero();
        assertThat(result.latencies().getTotalCount()).isEqualTo(500);
        assertThat(design.requests).extracting(HoldRequest::idempotencyKey).doesNotHaveDuplicates();
        assertThat(design.requests)
                .extracting(HoldRequest::sku)
                .contains("SKU-0000", "SKU-0006")
                .hasSize(500);
        assertThat(design.requests).extracting(HoldRequest::customerId).contains("c-0000000100", "c-0000000599");
    }

    @Test
    void asksWithoutAKeyWhereNoneIsWanted() throws IOException {
        Watched design = new Watched(Duration.ZERO);
        serve(design);

        LoadResult result =
                LoadGenerator.run(Load.closed(port, HoldRequests.keyless("s", "any", 1), 7, 2, Duration.ZERO)
                        .exactly(3));

        assertThat(result.accepted()).isEqualTo(3);
        assertThat(design.requests).extracting(HoldRequest::idempotencyKey).containsOnlyNulls();
        assertThat(design.requests)
                .extracting(HoldRequest::customerId)
                .containsExactlyInAnyOrder("c-0000000007", "c-0000000008", "c-0000000009");
    }

    @Test
    void confirmsEachReservationOnce() throws IOException {
        Watched design = new Watched(Duration.ZERO);
        serve(design);
        List<String> ids = List.of("a", "longer", "the-longest-of-all");

        LoadResult result =
                LoadGenerator.run(Load.closed(port, new ConfirmRequests("s", "any", ids), 0, 2, Duration.ZERO)
                        .exactly(3));

        assertThat(result.answered()).isEqualTo(3);
        assertThat(design.confirmed).containsExactlyInAnyOrderElementsOf(ids);
    }

    @Test
    void keepsToItsRate() throws IOException {
        serve(new BareAnswer());

        LoadResult result =
                LoadGenerator.run(Load.closed(port, HoldRequests.keyed("s", "any", 1), 0, 16, Duration.ofSeconds(1))
                        .atRate(400));

        assertThat(result.accepted()).isBetween(380L, 401L);
    }

    /** With one connection, all that falls due while the server stalls waits, and the wait counts. */
    @Test
    void aStallCountsForAllThatFellDueMeanwhile() throws IOException {
        serve(new Watched(Duration.ofMillis(300)));

        LoadResult result =
                LoadGenerator.run(Load.closed(port, HoldRequests.keyed("s", "any", 1), 0, 1, Duration.ofSeconds(1))
                        .atRate(200));

        // 60 fell due in those 300 ms, on average in their middle.
        assertThat(result.latencies().getCountBetweenValues(50_000, 1_000_000)).isGreaterThan(40);
    }

    private void serve(Design design) {
        String deployment = vertx.deployVerticle(new Facade(design, port)).await();
        assertThat(deployment).isNotEmpty();
    }

    /** Keeps what it was asked, and answers the first request late. */
    private final class Watched implements Design {
        private final List<HoldRequest> requests = new CopyOnWriteArrayList<>();
        private final List<String> confirmed = new CopyOnWriteArrayList<>();
        private final AtomicBoolean first = new AtomicBoolean(true);
        private final BareAnswer answer = new BareAnswer();
        private final Duration stall;

        Watched(Duration stall) {
            this.stall = stall;
        }

        @Override
        public Future<HoldOutcome> hold(HoldRequest request) {
            requests.add(request);
            return first.getAndSet(false) && stall.isPositive()
                    ? vertx.timer(stall.toMillis(), TimeUnit.MILLISECONDS).compose(late -> answer.hold(request))
                    : answer.hold(request);
        }

        @Override
        public Future<ConfirmOutcome> confirm(String saleId, String reservationId) {
            confirmed.add(reservationId);
            return answer.confirm(saleId, reservationId);
        }

        @Override
        public Future<Integer> expire() {
            return answer.expire();
        }

        @Override
        public Future<Void> close() {
            return answer.close();
        }
    }
}
