package dev.holdfast.ledger;

import static dev.holdfast.ledger.TestBooks.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.Sku;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LostAnswersBookTest {

    private TestBooks db;
    private LostAnswers answers;
    private Lane lost;
    private Lane rebuilt;

    @BeforeEach
    void open() {
        db = TestBooks.fresh();
        answers = db.books.lostAnswers();
        lost = db.openLane();
        rebuilt = new Lane(lost.saleId(), lost.number(), lost.epoch() + 1);
    }

    @AfterEach
    void close() {
        db.close();
    }

    @Test
    void whatANodeFiledIsWantedByTheNextRebuild() {
        await(answers.file(lost, List.of(purchase("ann", 1)), "one"));

        assertThat(wanted()).containsExactly("ann");
    }

    @Test
    void whatWasDiscardedIsNotWantedEvenWhereANodeFilesItLater() {
        await(answers.file(lost, List.of(purchase("ann", 1)), "one"));
        await(answers.discard(rebuilt));

        await(answers.file(lost, List.of(purchase("ben", 2)), "two"));

        assertThat(wanted()).isEmpty();
        assertThat(db.number("select count(*) from lost_answers")).isEqualTo(2);
    }

    @Test
    void whatIsLostAfterADiscardIsWanted() {
        await(answers.discard(rebuilt));

        await(answers.file(rebuilt, List.of(purchase("ann", 1)), "one"));

        Lane next = new Lane(lost.saleId(), lost.number(), rebuilt.epoch() + 1);
        assertThat(await(answers.wanted(next, null, 0, 10))).hasSize(1);
    }

    private List<String> wanted() {
        return await(answers.wanted(rebuilt, null, 0, 10)).stream()
                .map(answer -> answer.told().customerId().value())
                .toList();
    }

    private Reservation purchase(String customer, long seq) {
        long now = Instant.now().toEpochMilli();
        return new Reservation(
                ReservationId.of("key-of-22-characters-" + seq, now),
                lost.saleId(),
                new CustomerId(customer),
                ReservationState.CONFIRMED,
                Cart.of(List.of(new Line(new Sku("A"), 1))),
                now,
                now + 60_000,
                now + 1,
                now + 1,
                false,
                new Reservation.Mark(2, lost.epoch(), seq, "fingerprint"));
    }
}
