package dev.holdfast.redis;

import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.RestoredReservation;
import java.util.Optional;

/**
 * A reservation as Redis keeps it.
 *
 * @param seq place of its last transition in the ledger; 0 where that is of another epoch
 */
public record HoldValue(RestoredReservation reservation, long seq) {

    /** Empty where the text is no reservation. */
    public static Optional<HoldValue> parse(String key, String packed) {
        try {
            PackedHold hold = PackedHold.parse(packed);
            return Optional.of(new HoldValue(
                    new RestoredReservation(
                            ReservationId.of(key, hold.heldAtMs()),
                            hold.customerId(),
                            hold.state(),
                            hold.cart(),
                            hold.heldAtMs(),
                            hold.expiresAtMs(),
                            hold.state() == ReservationState.HELD ? null : hold.endedAtMs(),
                            hold.revision(),
                            hold.fingerprint()),
                    hold.seq()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** As include/hold_record.lua writes it. */
    public String packed() {
        Long endedAtMs = reservation.endedAtMs();
        return PackedHold.letter(reservation.state())
                + ' '
                + reservation.revision()
                + ' '
                + seq
                + ' '
                + (endedAtMs == null ? 0 : endedAtMs - reservation.heldAtMs())
                + ' '
                + reservation.heldAtMs()
                + ' '
                + (reservation.expiresAtMs() - reservation.heldAtMs())
                + ' '
                + reservation.fingerprint()
                + ' '
                + reservation.customerId().value()
                + ' '
                + PackedHold.text(reservation.cart());
    }
}
