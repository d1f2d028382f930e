package dev.holdfast.admin.rebuild;

import dev.holdfast.ledger.RebuildBook;
import dev.holdfast.ledger.RebuildSource;
import io.vertx.core.json.JsonObject;

/**
 * What kind of rebuild is asked for.
 *
 * @param source whose word counts
 * @param discard what may be lost by it
 */
public record RebuildOrder(RebuildSource source, Discard discard) {

    /** From the books, if Redis knows no more than they do. */
    public static RebuildOrder usual() {
        return new RebuildOrder(RebuildSource.POSTGRES, Discard.NOTHING);
    }

    /** As the body of a request has it. */
    public JsonObject asked() {
        JsonObject asked = RebuildBook.Failed.asking(source);
        return discard.allowed()
                ? asked.put("discard", discard.number() < 0 ? true : (Object) discard.number())
                : asked;
    }

    /**
     * How many acknowledged reservations may be ended.
     *
     * @param allowed whether any may
     * @param number exactly so many; negative for however many there are
     */
    public record Discard(boolean allowed, long number) {

        /** None: where any would be, nothing is done. */
        public static final Discard NOTHING = new Discard(false, 0);

        /** However many there are. */
        public static final Discard ALL = new Discard(true, -1);

        /** Exactly so many. */
        public static Discard exactly(long number) {
            return new Discard(true, number);
        }

        /** Whether these may be lost. */
        public boolean covers(Losses losses) {
            return !losses.any() || (allowed && (number < 0 || number == losses.reservations()));
        }
    }
}
