package dev.holdfast.admin.rebuild;

import dev.holdfast.redis.LedgerWords;
import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.LedgerEntry.Kind;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.RestoredReservation;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * By which entries the books come to know a reservation as Redis does: those that its ledger still has, and made ones in the place of those
 * that it has not. Units move by them as they moved when it happened, so that the books' counts stay the sum of their entries.
 *
 * <p>Who is told that something is confirmed must never hear otherwise: what either side has as confirmed is confirmed. Else the side with
 * the higher revision is right, because revisions count what happened.
 */
final class LifeConclusion {

    private final RestoredReservation kept;
    private final List<String> entries = new ArrayList<>();
    private @Nullable ReservationState state;
    private @Nullable Cart cart;
    private long revision;

    private LifeConclusion(@Nullable RestoredReservation known, RestoredReservation kept) {
        this.kept = kept;
        if (known != null) {
            state = known.state();
            cart = known.cart();
            revision = known.revision();
        }
    }

    /**
     * The entries, in their order; none where the books know as much or more.
     *
     * @param known as the books have it; null where they do not
     * @param left what the ledger in Redis still has of it, by revision
     * @param kept as Redis has it
     */
    static List<String> of(@Nullable RestoredReservation known, List<Transition> left, RestoredReservation kept) {
        if (!isNews(known, kept)) {
            return List.of();
        }
        LifeConclusion conclusion = new LifeConclusion(known, kept);
        conclusion.begin(left);
        left.forEach(conclusion::follow);
        conclusion.end();
        return conclusion.entries;
    }

    /** Only the lines, where a live cart of the books has others in Redis; none where it has not. */
    static List<String> ofLines(RestoredReservation known, RestoredReservation kept) {
        if (!isNews(known, kept)
                || known.state() != ReservationState.HELD
                || known.cart().equals(kept.cart())) {
            return List.of();
        }
        LifeConclusion conclusion = new LifeConclusion(known, kept);
        long last = kept.state() == ReservationState.HELD ? kept.revision() : kept.revision() - 1;
        conclusion.replace(kept.cart(), last);
        return conclusion.entries;
    }

    /** A hold of the books ends in this state at this time, ms since 1970, though Redis does not know it any more. */
    static String ending(RestoredReservation known, Kind how, long atMs) {
        return LedgerWords.transition(how, known, known.cart(), null, known.revision() + 1, atMs);
    }

    /** Whether Redis knows more of it than the books, or something that counts more. */
    static boolean isNews(@Nullable RestoredReservation known, RestoredReservation kept) {
        if (known == null) {
            return true;
        }
        if (known.state() == ReservationState.CONFIRMED) {
            return false;
        }
        if (kept.state() == ReservationState.CONFIRMED) {
            return true;
        }
        if (kept.state() == ReservationState.EXPIRED
                && known.state() == ReservationState.HELD
                && kept.expiresAtMs() < known.expiresAtMs()) {
            // It ended before the time that its caller was told: deadlines only move on.
            return false;
        }
        return kept.revision() > known.revision()
                && (known.state() == ReservationState.HELD || kept.state() == ReservationState.HELD);
    }

    /** What has no units takes them before anything else happens to it, unless the ledger still has the entry by which it did. */
    private void begin(List<Transition> left) {
        if (state == ReservationState.HELD) {
            return;
        }
        Transition next = left.stream()
                .filter(one -> one.revision() > revision)
                .findFirst()
                .orElse(null);
        if (next == null) {
            make(Kind.HELD, kept.cart(), null, revision + 1, kept.heldAtMs());
        } else if (!takesUnits(next)) {
            // Where two pasts have used the same revisions, the next one is what is made here.
            Cart first = next.revision() > revision + 1 ? before(next) : next.cart();
            make(Kind.HELD, first, null, revision + 1, kept.heldAtMs());
        }
    }

    /** What the ledger has is taken as it stands there, if it goes on where this is. */
    private void follow(Transition next) {
        boolean held = state == ReservationState.HELD;
        boolean directly = next.revision() <= revision + 1;
        if (next.revision() <= revision || (!held && !takesUnits(next)) || (held && takesUnits(next) && directly)) {
            return;
        }
        if (held && takesUnits(next)) {
            // It was reclaimed, so it had ended before.
            Cart lost = Objects.requireNonNull(cart, "a cart that expires");
            make(Kind.EXPIRED, lost, null, next.revision() - 1, kept.expiresAtMs());
        } else if (held && !before(next).equals(cart)) {
            if (directly) {
                return;
            }
            replace(before(next), next.revision() - 1);
        }
        entries.add(next.text());
        state = next.kind().after();
        cart = next.cart();
        revision = next.revision();
    }

    private void end() {
        if (state == kept.state() && revision >= kept.revision() && kept.cart().equals(cart)) {
            return;
        }
        if (state != ReservationState.HELD) {
            make(Kind.HELD, kept.cart(), null, revision + 1, kept.heldAtMs());
        }
        boolean held = kept.state() == ReservationState.HELD;
        if (!kept.cart().equals(cart)) {
            replace(kept.cart(), held ? kept.revision() : kept.revision() - 1);
        }
        if (!held) {
            long endedAtMs = Objects.requireNonNullElse(kept.endedAtMs(), kept.expiresAtMs());
            make(kindOf(kept.state()), kept.cart(), null, kept.revision(), endedAtMs);
        } else if (revision < kept.revision()) {
            make(Kind.EXTENDED, kept.cart(), null, kept.revision(), kept.heldAtMs());
        }
    }

    private void replace(Cart by, long at) {
        make(Kind.REPLACED, by, Objects.requireNonNull(cart, "a cart that is replaced"), at, kept.heldAtMs());
    }

    /** With this revision, or with the next one where that is past. */
    private void make(Kind kind, Cart after, @Nullable Cart previous, long at, long atMs) {
        revision = Math.max(revision + 1, at);
        entries.add(LedgerWords.transition(kind, kept, after, previous, revision, atMs));
        state = kind.after();
        cart = after;
    }

    private static boolean takesUnits(Transition transition) {
        return transition.kind() == Kind.HELD || transition.kind() == Kind.RECLAIMED;
    }

    /** The lines that a transition found. */
    private static Cart before(Transition transition) {
        Cart previous = transition.previous();
        return previous == null ? transition.cart() : previous;
    }

    private static Kind kindOf(ReservationState ended) {
        return switch (ended) {
            case CONFIRMED -> Kind.CONFIRMED;
            case RELEASED -> Kind.RELEASED;
            case EXPIRED -> Kind.EXPIRED;
            case HELD -> throw new IllegalArgumentException("held is no end");
        };
    }
}
