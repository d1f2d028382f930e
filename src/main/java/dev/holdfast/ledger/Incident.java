package dev.holdfast.ledger;

import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An incident as it stands in PostgreSQL.
 *
 * @param kind the word of an {@link IncidentKind}, which may be one of a newer version
 * @param saleId null where it is about no sale alone
 * @param subject a SKU, a reservation, the number of a dead letter; null for the sale itself
 * @param epoch of the lane when it happened last; null where it is about no lane
 * @param units how many it is about; null where that is not known
 * @param details JSON; null for none
 * @param times how often it happened while it was open
 * @param atMs when it happened first, ms since 1970 by PostgreSQL's clock
 * @param lastAtMs when it happened last, the same
 * @param resolution null while it is open
 */
public record Incident(
        long id,
        String kind,
        @Nullable String saleId,
        @Nullable String subject,
        @Nullable Long epoch,
        @Nullable Long units,
        String detail,
        @Nullable String details,
        long times,
        long atMs,
        long lastAtMs,
        @Nullable Resolution resolution) {

    /** A name in braces that has nothing to stand for it. */
    private static final Pattern OPEN_NAME = Pattern.compile("\\{[a-zA-Z]+}");

    private static final String UNKNOWN_KIND = "A newer version of the service wrote this: look at it there.";

    /** Whether someone has still to look. */
    public enum State {
        /** Nobody has dealt with it. */
        OPEN,
        /** It is over. */
        RESOLVED
    }

    /** How it ended: {@code by} whom, for which reason, ms since 1970. */
    public record Resolution(long atMs, String by, String reason) {}

    /** Open as long as it has no resolution. */
    public State state() {
        return resolution == null ? State.OPEN : State.RESOLVED;
    }

    /** For people, in a few sentences. */
    public String whatToDo() {
        return IncidentKind.ofWord(kind).map(IncidentKind::whatToDo).orElse(UNKNOWN_KIND);
    }

    /** Whether the sale stopped selling by it. */
    public boolean stoppedTheSale() {
        return IncidentKind.ofWord(kind).map(IncidentKind::stopsTheLane).orElse(false);
    }

    /** The call that deals with it: method, path, and for a POST its body; empty where there is none. */
    public Optional<String> call() {
        return IncidentKind.ofWord(kind)
                .map(known -> known.call(details == null ? new JsonObject() : new JsonObject(details)))
                .map(this::filled)
                .filter(call -> !call.isEmpty() && !OPEN_NAME.matcher(call).find());
    }

    /** What has to stand in a path may stand in it as it is: names of sales, SKUs and reservations, and numbers. */
    private String filled(String call) {
        String withId = call.replace("{incidentId}", Long.toString(id)).replace("{kind}", kind);
        String withSale = saleId == null ? withId : withId.replace("{saleId}", saleId);
        return subject == null ? withSale : withSale.replace("{subject}", subject);
    }
}
