package dev.holdfast.ledger;

import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * Something that has just gone wrong.
 *
 * @param subject what of the sale it is about, as {@link IncidentKind} says of the kind: a SKU, a reservation, the number of a dead letter;
 *     null for the sale itself
 * @param units how many units it is about; null where that is not known
 * @param detail what happened, in one line for people
 * @param details facts by name; null for none
 */
public record NewIncident(
        IncidentKind kind,
        @Nullable String subject,
        @Nullable Long units,
        String detail,
        @Nullable JsonObject details) {

    /** Of a whole sale, with no more than a line. */
    public NewIncident(IncidentKind kind, String detail) {
        this(kind, null, null, detail, null);
    }

    /** The same about this SKU, this reservation or this dead letter. */
    public NewIncident about(String what) {
        return new NewIncident(kind, what, units, detail, details);
    }

    /** The same about so many units. */
    public NewIncident of(long howMany) {
        return new NewIncident(kind, subject, howMany, detail, details);
    }

    /** The same with these facts. */
    public NewIncident with(JsonObject facts) {
        return new NewIncident(kind, subject, units, detail, facts);
    }
}
