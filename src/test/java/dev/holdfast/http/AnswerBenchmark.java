package dev.holdfast.http;

import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.HoldOutcome;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.Receipts;
import dev.holdfast.reservation.Refusal;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What comes of POST reservations, from the outcome to the bytes of its body. */
@State(Scope.Thread)
public class AnswerBenchmark {

    private static final long HELD_AT_MS = 1_795_219_200_123L;
    private static final SaleId SALE = new SaleId("demo");
    private static final Sku SKU = new Sku("RED-DRESS-M");
    private static final CartBody ASKED = new CartBody(List.of(new Line(SKU, 1)));

    private final HoldOutcome held = new HoldOutcome.Held(new Reservation(
            ReservationId.of("0123456789abcdefghijkl", HELD_AT_MS),
            SALE,
            new CustomerId("c-0000000042"),
            ReservationState.HELD,
            Cart.of(ASKED.lines()),
            HELD_AT_MS,
            HELD_AT_MS + 60_000,
            null,
            HELD_AT_MS,
            false,
            new Reservation.Mark(1, 1_795_218_186L, 7, "0123456789a")));

    private final Receipts receipts = new Receipts(List.of("a secret of at least 32 characters"));

    private final HoldOutcome outOfStock = new HoldOutcome.Refused(new Refusal.OutOfStock(
            List.of(new Refusal.Shortage(SKU, 1, 0, 0)),
            List.of(new Refusal.Alternative(new Sku("RED-DRESS-L"), 12)),
            null));

    /** 201 with the reservation. */
    @Benchmark
    public Buffer held() {
        return bytes(HoldAnswers.reply(held, SALE, ASKED, receipts));
    }

    /** 409 with what is short and what there is instead. */
    @Benchmark
    public Buffer outOfStock() {
        return bytes(HoldAnswers.reply(outOfStock, SALE, ASKED, receipts));
    }

    private static Buffer bytes(Reply reply) {
        return switch (reply) {
            case Answer answer -> answer.body();
            case Problem problem -> ProblemWriter.bytes(problem, "0af7651916cd43dd8448eb211c80319c");
            case Download download -> throw new AssertionError("a hold is answered whole");
            case EventStream stream -> throw new AssertionError("a hold is answered whole");
            case ProgressLines lines -> throw new AssertionError("a hold is answered whole");
        };
    }
}
