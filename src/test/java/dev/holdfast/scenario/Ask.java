package dev.holdfast.scenario;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a client asked of the service. */
sealed interface Ask {

    /** Null key: every such request is a reservation of its own. Null seconds: the sale's own time. */
    record Hold(
            String customer,
            @Nullable String key,
            Lines lines,
            @Nullable Integer holdSeconds) implements Ask {

        /** Whether a second request with this key asks for the same. */
        boolean sameBody(Hold other) {
            return lines.equals(other.lines)
                    && Objects.equals(holdSeconds, other.holdSeconds)
                    && customer.equals(other.customer);
        }
    }

    /** A verb on a reservation that is there. */
    sealed interface OnReservation extends Ask {
        String id();
    }

    record Confirm(String id) implements OnReservation {}

    record Release(String id) implements OnReservation {}

    record Extend(String id, int holdSeconds) implements OnReservation {}

    record Replace(String id, Lines lines) implements OnReservation {}

    record Find(String id) implements OnReservation {}
}
