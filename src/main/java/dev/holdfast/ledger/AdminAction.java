package dev.holdfast.ledger;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What somebody is about to do, as the audit trail will tell it.
 *
 * @param reason as it was given; null where none was asked for
 * @param fence without which it is not done; null where nothing has to be kept apart
 */
public record AdminAction(
        Author author,
        Kind kind,
        @Nullable String reason,
        @Nullable Fence fence) {

    /** One that nobody has to be kept apart from. */
    public AdminAction(Author author, Kind kind, @Nullable String reason) {
        this(author, kind, reason, null);
    }

    /** The same, known better: a change may turn out to be a creation. */
    AdminAction as(Kind other) {
        return new AdminAction(author, other, reason, fence);
    }

    /** The same for this reason. */
    public AdminAction because(String why) {
        return new AdminAction(author, kind, why, fence);
    }

    /** The same, done only while the sale is its own. */
    AdminAction under(Fence claimed) {
        return new AdminAction(author, kind, reason, claimed);
    }

    /** What can be done. */
    public enum Kind {
        SALE_CREATED,
        SALE_CHANGED,
        SALE_PAUSED,
        SALE_RESUMED,
        SALE_CLOSED,
        SALE_WINDOW_CHANGED,
        SALE_CLOCK_ADVANCED,
        STOCK_CREATED,
        STOCK_CHANGED,
        STOCK_ADJUSTED,
        STOCK_ADJUSTMENT_REFUSED,
        STOCK_IMPORTED,
        RESERVATION_RELEASED,
        RESERVATION_RELEASE_REFUSED,
        LANE_REBUILT,
        DEPLOYMENT_ADOPTED,
        INCIDENT_RESOLVED,
        INCIDENT_REPAIRED,
        DEAD_LETTER_REPLAYED("dead-letter.replayed"),
        DEAD_LETTER_DISCARDED("dead-letter.discarded"),
        KEY_CREATED,
        KEY_REVOKED;

        private final String word;

        /** Whose thing is one word, the first of its name. */
        Kind() {
            word = name().toLowerCase(Locale.ROOT).replaceFirst("_", ".").replace('_', '-');
        }

        Kind(String word) {
            this.word = word;
        }

        /** As it stands in the trail: the thing, a dot, what happened to it. */
        public String word() {
            return word;
        }
    }
}
