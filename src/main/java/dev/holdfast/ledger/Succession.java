package dev.holdfast.ledger;

import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Kind;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which transition may follow on what is recorded of its reservation. Redis can be changed by hand, and memory can be damaged: what was
 * confirmed would then end and be sold again, or units would come back of a reservation that never held any. So an entry is taken only where
 * PostgreSQL has its reservation in the state from which it can come.
 */
final class Succession {

    /** What a letter says that is to be discarded first, because no replay of it can be recorded. */
    static final String DISCARD_FIRST =
            "discard the dead letter, then ask for a rebuild of the sale, which goes by PostgreSQL";

    static final String TO_DO = ". If Redis was changed or damaged, " + DISCARD_FIRST
            + ". If PostgreSQL's row was changed instead, ask for the rebuild first, which writes rows as the"
            + " ledger has them, then replay the letter";

    private Succession() {}

    /** One reservation: its id may be another's again, a day after it ended. */
    record Life(ReservationId id, long heldAtMs) {

        static Life of(Transition transition) {
            return new Life(transition.id(), transition.heldAtMs());
        }
    }

    /**
     * What is recorded of a reservation.
     *
     * @param cart its lines; null where PostgreSQL compares them itself
     */
    record Standing(
            ReservationState state,
            long revision,
            String customerId,
            long expiresAtMs,
            @Nullable Cart cart) {

        /** Of a row of reservations. */
        static Standing of(Row row) {
            return new Standing(
                    ReservationRows.state(row.getString("state")),
                    row.getLong("revision"),
                    row.getString("customer_id"),
                    Columns.ms(row.getOffsetDateTime("expires_at")),
                    null);
        }

        static Standing after(Transition transition) {
            return new Standing(
                    transition.kind().after(),
                    transition.revision(),
                    transition.customerId().value(),
                    transition.expiresAtMs(),
                    transition.cart());
        }
    }

    /**
     * The first entry that contradicts what is recorded, or what another entry before it says; null where there is none.
     *
     * @param recorded what PostgreSQL has of the reservations; those that it does not have are left out
     */
    static @Nullable Contradiction contradictionIn(List<LedgerEntry> entries, Map<Life, Standing> recorded) {
        Map<Life, Standing> standings = new HashMap<>(recorded);
        for (LedgerEntry entry : entries) {
            if (entry instanceof Transition next) {
                Standing before = standings.put(Life.of(next), Standing.after(next));
                String why = whyNot(before, next);
                if (why != null) {
                    return new Contradiction(next, why);
                }
                if (before != null && before.cart() != null && !linesFollow(before.cart(), next)) {
                    return Contradiction.ofLines(next);
                }
            }
        }
        return null;
    }

    /**
     * Why the transition cannot come next; null where it can. Lines are not compared.
     *
     * @param before what is recorded of its reservation; null for nothing
     */
    static @Nullable String whyNot(@Nullable Standing before, Transition next) {
        return switch (next.kind()) {
            // One that is there already fails by its key.
            case HELD -> null;
            // Its units were lost, or had come back by its deadline: then they are taken anew.
            case RECLAIMED ->
                before == null || before.state() == ReservationState.EXPIRED ? null : bothSides(before, next);
            case EXTENDED, REPLACED, CONFIRMED, RELEASED, EXPIRED ->
                before == null
                        ? "is not in PostgreSQL, and entry " + next.seq() + " says that it " + became(next) + TO_DO
                        : whyNotGoOn(before, next);
        };
    }

    /**
     * Why an entry cannot be the repetition of what is recorded of its reservation, with its revision or a later one; null where it can.
     *
     * @param place of what is recorded
     * @param again place of the entry
     */
    static @Nullable Contradiction repetition(
            Standing recorded, LedgerPlace place, Transition next, LedgerPlace again) {
        boolean isLater =
                again.epoch() > place.epoch() || (again.epoch() == place.epoch() && again.seq() > place.seq());
        boolean takesUnits = next.kind() == Kind.HELD || next.kind() == Kind.RECLAIMED;
        return !isLater || takesUnits || next.kind().after() == recorded.state()
                ? null
                : new Contradiction(next, bothSides(recorded, next));
    }

    private static @Nullable String whyNotGoOn(Standing before, Transition next) {
        if (before.state() != ReservationState.HELD || next.revision() != before.revision() + 1) {
            return bothSides(before, next);
        }
        if (!before.customerId().equals(next.customerId().value())) {
            return "is held by customer " + before.customerId() + " in PostgreSQL, and entry " + next.seq()
                    + " says that it " + became(next) + ", for customer " + next.customerId()
                    + ". If Redis was changed, replay the letter with the right customer in its entry, then ask for a rebuild"
                    + " of the sale. If PostgreSQL's row was changed instead, ask for the rebuild first, then replay the letter";
        }
        boolean deadlineFollows = next.kind() == Kind.EXTENDED
                ? next.expiresAtMs() >= before.expiresAtMs()
                : next.expiresAtMs() == before.expiresAtMs();
        return deadlineFollows
                ? null
                : "is held until " + Instant.ofEpochMilli(before.expiresAtMs()) + " in PostgreSQL, and entry "
                        + next.seq()
                        + " says that it " + became(next) + " with the deadline "
                        + Instant.ofEpochMilli(next.expiresAtMs()) + TO_DO;
    }

    private static String bothSides(Standing before, Transition next) {
        return "is " + before.state().word() + " in PostgreSQL, revision " + before.revision() + ", and entry "
                + next.seq() + " says that it " + became(next) + TO_DO;
    }

    private static String became(Transition next) {
        return "became " + next.kind().name().toLowerCase(Locale.ROOT) + ", revision " + next.revision();
    }

    /** Lines change by a replacement only, which tells those before it. */
    private static boolean linesFollow(Cart before, Transition next) {
        return switch (next.kind()) {
            case HELD, RECLAIMED -> true;
            case REPLACED -> before.equals(next.previous());
            case EXTENDED, CONFIRMED, RELEASED, EXPIRED -> before.equals(next.cart());
        };
    }
}
