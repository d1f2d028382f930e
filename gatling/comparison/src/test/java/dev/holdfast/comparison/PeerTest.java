package dev.holdfast.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.comparison.check.Books;
import dev.holdfast.comparison.check.Proof;
import dev.holdfast.comparison.check.Verdict;
import dev.holdfast.comparison.design.ConfirmOutcome;
import dev.holdfast.comparison.design.Design;
import dev.holdfast.comparison.design.HoldOutcome;
import dev.holdfast.comparison.design.HoldOutcome.Held;
import dev.holdfast.comparison.design.HoldOutcome.KeyReused;
import dev.holdfast.comparison.design.HoldOutcome.OutOfStock;
import dev.holdfast.comparison.design.HoldOutcome.Replayed;
import dev.holdfast.comparison.design.HoldOutcome.UnknownSku;
import dev.holdfast.comparison.design.HoldRequest;
import dev.holdfast.comparison.design.Peer;
import dev.holdfast.comparison.load.HoldRequests;
import dev.holdfast.comparison.load.Load;
import dev.holdfast.comparison.load.LoadGenerator;
import dev.holdfast.comparison.load.LoadResult;
import io.vertx.core.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** What every design promises that takes part. */
class PeerTest {

    private static final String SALE = "sale";

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "BARE")
    void sellsEachUnitOnceHoweverOftenItIsAsked(Peer peer) {
        try (RunningPeer running = new RunningPeer(peer)) {
            running.books().openSale(SALE, 1, Proof.CAPACITY);

            Verdict verdict =
                    Proof.of(running.port(), "any", SALE, () -> running.books().read(SALE));

            assertThat(verdict).isEqualTo(Verdict.RIGHT);
            assertThat(running.books().read(SALE).taken()).isEqualTo(Proof.CAPACITY);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "BARE")
    void isRightUnderLoadOnManySkusAndPrefilled(Peer peer) throws IOException {
        try (RunningPeer running = new RunningPeer(peer)) {
            running.books().openSale(SALE, 10, 1_000_000);
            running.books().prefill(SALE, 500);

            LoadResult result = LoadGenerator.run(
                    Load.closed(running.port(), HoldRequests.keyed(SALE, "any", 10), 0, 32, Duration.ofMillis(500)));

            Books books = running.books().read(SALE);
            assertThat(result.accepted()).isPositive();
            assertThat(Verdict.of(books, 500 + result.accepted(), result.unknown()))
                    .isEqualTo(Verdict.RIGHT);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "BARE")
    void unitsOfADueHoldAreSoldAgainAndItsConfirmationComesTooLate(Peer peer) {
        try (RunningPeer running = new RunningPeer(peer)) {
            running.books().openSale(SALE, 1, 1);
            Design design = running.design();
            Held first = (Held) design.hold(request("first", "SKU-0000", 1)).await();
            running.books().makeDue(SALE);

            int ended = design.expire().await();
            ConfirmOutcome confirmation =
                    design.confirm(SALE, first.reservation().id()).await();
            HoldOutcome second = design.hold(request("second", "SKU-0000", 1)).await();

            // The sweep of the running peer may have been there before, and sums have nothing to take back.
            assertThat(ended).isBetween(0, 1);
            assertThat(confirmation).isInstanceOf(ConfirmOutcome.TooLate.class);
            assertThat(second).isInstanceOf(Held.class);
            assertThat(Verdict.of(running.books().read(SALE), 2, 0)).isEqualTo(Verdict.RIGHT);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "BARE")
    void holdsConfirmationsAndSweepsAtOnceLoseNoUnit(Peer peer) {
        try (RunningPeer running = new RunningPeer(peer)) {
            running.books().openSale(SALE, 1, 1000);
            Design design = running.design();
            List<String> held = IntStream.range(0, 60)
                    .mapToObj(i -> held(design, "early-" + i))
                    .toList();

            List<Future<?>> all = IntStream.range(0, 60)
                    .<Future<?>>mapToObj(i -> i % 2 == 0
                            ? design.confirm(SALE, held.get(i))
                            : design.hold(request("late-" + i, "SKU-0000", 1)))
                    .toList();
            running.books().makeDue(SALE);
            int ended = design.expire().await();
            Future.all(all).await();

            assertThat(ended).isNotNegative();
            assertThat(Verdict.of(running.books().read(SALE), 90, 0)).isEqualTo(Verdict.RIGHT);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "BARE")
    void saysWhyItHeldNothing(Peer peer) {
        try (RunningPeer running = new RunningPeer(peer)) {
            running.books().openSale(SALE, 2, 5);
            Design design = running.design();
            HoldOutcome held = design.hold(request("key", "SKU-0000", 3)).await();

            HoldOutcome again = design.hold(request("key", "SKU-0000", 3)).await();
            HoldOutcome other = design.hold(request("key", "SKU-0000", 1)).await();
            HoldOutcome otherSku = design.hold(request("key", "SKU-0001", 3)).await();
            HoldOutcome more = design.hold(request("more", "SKU-0000", 3)).await();
            HoldOutcome unknown = design.hold(request("unknown", "SKU-9999", 1)).await();

            assertThat(held).isInstanceOf(Held.class);
            assertThat(again).isEqualTo(new Replayed(((Held) held).reservation()));
            assertThat(List.of(other, otherSku)).containsOnly(new KeyReused());
            assertThat(more).isEqualTo(new OutOfStock(2));
            assertThat(unknown).isEqualTo(new UnknownSku());
        }
    }

    private static String held(Design design, String key) {
        Held held = (Held) design.hold(request(key, "SKU-0000", 1)).await();
        return held.reservation().id();
    }

    private static HoldRequest request(String key, String sku, int quantity) {
        return new HoldRequest(SALE, "c-1", sku, quantity, 60_000, key);
    }
}
