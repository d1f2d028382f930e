package dev.holdfast.ledger;

import dev.holdfast.reservation.RestoredReservation;
import dev.holdfast.reservation.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * A reservation as the books have it, held or ended, with the place of its last transition.
 *
 * @param recordedAtMs when that was recorded, ms since 1970 by PostgreSQL's clock
 * @param accepted whether a repair left the row as it is because the ledger could not tell: then it needs no entry that says the same
 */
public record RecordedHold(RestoredReservation reservation, LedgerPlace place, long recordedAtMs, boolean accepted) {

    /** One that the ledger has to say. */
    public RecordedHold(RestoredReservation reservation, LedgerPlace place, long recordedAtMs) {
        this(reservation, place, recordedAtMs, false);
    }

    /** Of all that the row says of the reservation: a row that was changed has another one. */
    static String digest(RestoredReservation reservation) {
        String text = String.join(
                " ",
                reservation.id().value(),
                reservation.customerId().value(),
                reservation.state().word(),
                ReservationRows.json(reservation.cart()),
                Long.toString(reservation.heldAtMs()),
                Long.toString(reservation.expiresAtMs()),
                String.valueOf(reservation.endedAtMs()),
                Long.toString(reservation.revision()),
                reservation.fingerprint());
        return HexFormat.of().formatHex(Sha256.begin().digest(text.getBytes(StandardCharsets.UTF_8)));
    }
}
