package dev.holdfast.ledger;

import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * An entry of the audit trail.
 *
 * @param action the word of an {@link AdminAction.Kind}
 * @param before JSON; null where it was not there
 * @param after JSON; null where it is not there any more
 */
public record RecordedAction(
        long actionId,
        OffsetDateTime at,
        Author author,
        String action,
        @Nullable String saleId,
        @Nullable String subject,
        @Nullable String reason,
        @Nullable String before,
        @Nullable String after) {

    /** Where it stands in the trail. */
    ActionPlace place() {
        return ActionPlace.of(at, actionId);
    }
}
