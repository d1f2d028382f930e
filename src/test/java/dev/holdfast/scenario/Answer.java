package dev.holdfast.scenario;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a client learned of the outcome. */
sealed interface Answer {

    /** It was done, now or before: the reservation as it was shown. */
    record Done(Shown shown, boolean replayed) implements Answer {}

    /** It was not done, and the answer says why. */
    record Refused(String code, Detail detail) implements Answer {
        Refused(String code) {
            this(code, Detail.NONE);
        }
    }

    /** It may have been done: no answer, or one that says so. */
    record Unknown(String why) implements Answer {

        /** Whether the test itself broke the connection, or the reply. */
        boolean isOfTheClient() {
            return why.contains(ON_PURPOSE);
        }
    }

    /**
     * It was done, and the caller was told so; then Redis lost its past before that was said to be recorded.
     *
     * @param told as the caller was told it
     */
    record Lost(Done told) implements Answer {}

    /** In what tells of a fault between client and node. */
    String ON_PURPOSE = "broken on purpose";

    /**
     * A reservation in an answer; times in ms since 1970.
     *
     * @param recorded whether PostgreSQL was said to have it so; false where nothing was said
     */
    record Shown(
            String id,
            String customer,
            String state,
            Lines lines,
            long heldAtMs,
            long expiresAtMs,
            long expiresInMs,
            boolean recorded) {

        /** Of an answer that does not tell what is recorded. */
        Shown(
                String id,
                String customer,
                String state,
                Lines lines,
                long heldAtMs,
                long expiresAtMs,
                long expiresInMs) {
            this(id, customer, state, lines, heldAtMs, expiresAtMs, expiresInMs, false);
        }
    }

    /** What a refusal adds: shortages of out-of-stock; limit, taken and perhaps the SKU of purchase-limit. */
    record Detail(
            List<Shortage> shortages,
            long limit,
            long taken,
            @Nullable String sku) {
        static final Detail NONE = new Detail(List.of(), 0, 0, null);
    }

    record Shortage(String sku, long requested, long available, long held, boolean soldOut) {}
}
