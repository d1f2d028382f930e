package dev.holdfast.admin.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.redis.LedgerText;
import dev.holdfast.redis.LedgerWords;
import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Kind;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.RestoredReservation;
import dev.holdfast.reservation.Sku;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class LifeConclusionTest {

    /** HELD: it has no end yet. */
    private static final List<ReservationState> ENDS = List.of(ReservationState.values());

    private static final long HELD_AT_MS = 1_763_640_000_123L;
    private static final Cart ONE = cart("A", 1);
    private static final Cart TWO = cart("A", 1, "B", 2);

    @RepeatedTest(200)
    void whateverIsMissingUnitsMoveAsTheyDidAndItEndsAsRedisHasIt() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<RestoredReservation> history = history(random);
        int known = random.nextInt(history.size() + 1);
        int left = known + random.nextInt(history.size() - known + 1);
        RestoredReservation inBooks = known == 0 ? null : history.get(known - 1);
        RestoredReservation kept = history.getLast();
        List<Transition> tail = new ArrayList<>();
        for (int i = left; i < history.size(); i++) {
            tail.add(transition(history, i));
        }

        List<String> entries = LifeConclusion.of(inBooks, tail, kept);

        RestoredReservation now = inBooks;
        for (String entry : entries) {
            now = after(now, entry, seed);
        }
        assertThat(now).as("seed %d", seed).isNotNull();
        assertThat(now.state()).as("seed %d", seed).isEqualTo(kept.state());
        assertThat(now.cart()).as("seed %d", seed).isEqualTo(kept.cart());
        assertThat(now.revision()).as("seed %d", seed).isEqualTo(kept.revision());
        assertThat(now.expiresAtMs()).as("seed %d", seed).isEqualTo(kept.expiresAtMs());
        assertThat(entries)
                .as("what Redis still has is taken as it stands there, seed %d", seed)
                .containsAll(tail.stream().map(Transition::text).toList());
        assertThat(LifeConclusion.of(now, tail, kept))
                .as("again, seed %d", seed)
                .isEmpty();
    }

    @Test
    void whatWasReclaimedIsHeldOnceWhateverTheBooksHave() {
        Transition reclaimed = (Transition) LedgerText.parse(
                9,
                LedgerWords.transition(
                        Kind.RECLAIMED, reservation(ReservationState.HELD, 3, TWO), TWO, null, 3, HELD_AT_MS + 70_000));

        for (RestoredReservation known : List.of(
                reservation(ReservationState.HELD, 1, ONE),
                reservation(ReservationState.HELD, 2, ONE),
                reservation(ReservationState.EXPIRED, 2, ONE))) {
            RestoredReservation now = known;
            for (String entry :
                    LifeConclusion.of(known, List.of(reclaimed), reservation(ReservationState.HELD, 3, TWO))) {
                now = after(now, entry, 0);
            }
            assertThat(now.state()).isEqualTo(ReservationState.HELD);
            assertThat(now.cart()).isEqualTo(TWO);
            assertThat(now.revision()).isEqualTo(3);
        }
        assertThat(LifeConclusion.of(null, List.of(reclaimed), reservation(ReservationState.HELD, 3, TWO)))
                .containsExactly(reclaimed.text());
    }

    @Test
    void whatTheBooksHaveAsConfirmedStaysConfirmed() {
        RestoredReservation confirmed = reservation(ReservationState.CONFIRMED, 2, ONE);

        assertThat(LifeConclusion.of(confirmed, List.of(), reservation(ReservationState.EXPIRED, 7, ONE)))
                .isEmpty();
        assertThat(LifeConclusion.of(confirmed, List.of(), reservation(ReservationState.HELD, 7, TWO)))
                .isEmpty();
    }

    @Test
    void whatRedisHasAsConfirmedIsConfirmedWhateverTheBooksHave() {
        RestoredReservation confirmed = reservation(ReservationState.CONFIRMED, 2, TWO);

        Stream.of(
                        reservation(ReservationState.EXPIRED, 2, ONE),
                        reservation(ReservationState.RELEASED, 5, ONE),
                        reservation(ReservationState.HELD, 4, ONE))
                .forEach(known -> {
                    RestoredReservation now = known;
                    for (String entry : LifeConclusion.of(known, List.of(), confirmed)) {
                        now = after(now, entry, 0);
                    }
                    assertThat(now.state()).isEqualTo(ReservationState.CONFIRMED);
                    assertThat(now.cart()).isEqualTo(TWO);
                    assertThat(now.revision()).isGreaterThan(known.revision());
                });
    }

    @Test
    void anOlderRedisHasNoNews() {
        RestoredReservation held = reservation(ReservationState.HELD, 1, ONE);

        assertThat(LifeConclusion.isNews(reservation(ReservationState.HELD, 3, TWO), held))
                .isFalse();
        assertThat(LifeConclusion.isNews(reservation(ReservationState.RELEASED, 2, ONE), held))
                .isFalse();
        assertThat(LifeConclusion.isNews(held, held)).isFalse();
        assertThat(LifeConclusion.isNews(null, held)).isTrue();
    }

    @Test
    void aHoldDoesNotEndBeforeTheTimeThatItsCallerWasTold() {
        RestoredReservation held = reservation(ReservationState.HELD, 1, ONE);
        RestoredReservation expired = reservation(ReservationState.EXPIRED, 2, ONE);

        assertThat(LifeConclusion.isNews(held.heldUntil(expired.expiresAtMs() + 1), expired))
                .isFalse();
        assertThat(LifeConclusion.isNews(held, expired)).isTrue();
    }

    @Test
    void linesThatChangedAreGivenBackBeforeAnythingIsTaken() {
        RestoredReservation known = reservation(ReservationState.HELD, 1, ONE);

        List<String> held = LifeConclusion.ofLines(known, reservation(ReservationState.HELD, 3, TWO));
        List<String> confirmed = LifeConclusion.ofLines(known, reservation(ReservationState.CONFIRMED, 3, TWO));
        List<String> same = LifeConclusion.ofLines(known, reservation(ReservationState.CONFIRMED, 2, ONE));

        assertThat(after(known, held.getFirst(), 0).revision()).isEqualTo(3);
        assertThat(after(known, confirmed.getFirst(), 0).revision()).isEqualTo(2);
        assertThat(after(known, confirmed.getFirst(), 0).cart()).isEqualTo(TWO);
        assertThat(same).isEmpty();
    }

    /** The reservation after each of its transitions. */
    private static List<RestoredReservation> history(Random random) {
        List<RestoredReservation> history = new ArrayList<>();
        history.add(reservation(ReservationState.HELD, 1, ONE));
        int changes = random.nextInt(5);
        for (int i = 0; i < changes; i++) {
            RestoredReservation last = history.getLast();
            boolean replaced = random.nextBoolean();
            history.add(new RestoredReservation(
                    last.id(),
                    last.customerId(),
                    ReservationState.HELD,
                    replaced ? cart("A", random.nextInt(3) + 1, "C", last.cart().units()) : last.cart(),
                    HELD_AT_MS,
                    replaced ? last.expiresAtMs() : last.expiresAtMs() + 1_000,
                    null,
                    last.revision() + 1,
                    last.fingerprint()));
        }
        ReservationState end = ENDS.get(random.nextInt(ENDS.size()));
        if (end == ReservationState.EXPIRED && random.nextBoolean()) {
            history.add(ended(history.getLast(), end));
            history.add(reclaimed(history.getLast(), random));
            end = random.nextBoolean() ? ReservationState.HELD : ReservationState.CONFIRMED;
        }
        if (end != ReservationState.HELD) {
            history.add(ended(history.getLast(), end));
        }
        return history;
    }

    private static RestoredReservation ended(RestoredReservation last, ReservationState end) {
        return new RestoredReservation(
                last.id(),
                last.customerId(),
                end,
                last.cart(),
                HELD_AT_MS,
                last.expiresAtMs(),
                end == ReservationState.EXPIRED ? last.expiresAtMs() : HELD_AT_MS + 5_000,
                last.revision() + 1,
                last.fingerprint());
    }

    /** By a receipt that tells of other lines than Redis had when it expired. */
    private static RestoredReservation reclaimed(RestoredReservation last, Random random) {
        return new RestoredReservation(
                last.id(),
                last.customerId(),
                ReservationState.HELD,
                cart("A", random.nextInt(3) + 1),
                HELD_AT_MS,
                last.expiresAtMs() + 60_000,
                null,
                last.revision() + 1,
                last.fingerprint());
    }

    /** The entry by which it came to be as it is at this place of its history. */
    private static Transition transition(List<RestoredReservation> history, int place) {
        RestoredReservation now = history.get(place);
        Cart before = place == 0 ? now.cart() : history.get(place - 1).cart();
        boolean reclaimed = place > 0
                && history.get(place - 1).state() != ReservationState.HELD
                && now.state() == ReservationState.HELD;
        boolean replaced = place > 0 && !reclaimed && !before.equals(now.cart());
        Kind kind = place == 0
                ? Kind.HELD
                : reclaimed
                        ? Kind.RECLAIMED
                        : replaced
                                ? Kind.REPLACED
                                : now.state() == ReservationState.HELD
                                        ? Kind.EXTENDED
                                        : Kind.valueOf(now.state().name());
        long atMs = now.endedAtMs() == null ? HELD_AT_MS + place : now.endedAtMs();
        String text = LedgerWords.transition(kind, now, now.cart(), replaced ? before : null, now.revision(), atMs);
        return (Transition) LedgerText.parse(place + 1, text);
    }

    /** As the fold takes it: units may only leave the place in which they are. */
    private static RestoredReservation after(@Nullable RestoredReservation before, String entry, long seed) {
        LedgerEntry parsed = LedgerText.parse(1, entry);
        assertThat(parsed).as("seed %d: %s", seed, entry).isInstanceOf(Transition.class);
        Transition transition = (Transition) parsed;
        boolean lives = before != null && before.state() == ReservationState.HELD;
        assertThat(lives)
                .as("seed %d: %s after %s", seed, entry, before)
                .isEqualTo(transition.kind() != Kind.HELD && transition.kind() != Kind.RECLAIMED);
        if (before != null) {
            assertThat(transition.revision()).as("seed %d: %s", seed, entry).isGreaterThan(before.revision());
        }
        if (transition.kind() == Kind.REPLACED) {
            assertThat(transition.previous()).as("seed %d: %s", seed, entry).isEqualTo(before.cart());
        } else if (lives) {
            assertThat(transition.cart()).as("seed %d: %s", seed, entry).isEqualTo(before.cart());
        }
        return new RestoredReservation(
                transition.id(),
                transition.customerId(),
                transition.kind().after(),
                transition.cart(),
                transition.heldAtMs(),
                transition.expiresAtMs(),
                transition.endedAtMs(),
                transition.revision(),
                transition.fingerprint());
    }

    private static RestoredReservation reservation(ReservationState state, long revision, Cart cart) {
        return new RestoredReservation(
                ReservationId.of("a-key-of-22-characters", HELD_AT_MS),
                new CustomerId("ann"),
                state,
                cart,
                HELD_AT_MS,
                HELD_AT_MS + 60_000,
                state == ReservationState.HELD ? null : (Long) (HELD_AT_MS + 60_000),
                revision,
                "print");
    }

    private static Cart cart(Object... skusAndQuantities) {
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < skusAndQuantities.length; i += 2) {
            lines.add(new Line(new Sku((String) skusAndQuantities[i]), (Integer) skusAndQuantities[i + 1]));
        }
        return Cart.of(lines);
    }
}
