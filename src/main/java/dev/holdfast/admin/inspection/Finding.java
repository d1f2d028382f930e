package dev.holdfast.admin.inspection;

import dev.holdfast.ledger.IncidentKind;
import dev.holdfast.ledger.NewIncident;

/**
 * Something that is not as it must be, and was so still when it was looked at again.
 *
 * @param subject as its kind has it
 * @param units how many units it is about
 * @param detail for people, in one line
 */
record Finding(IncidentKind kind, String subject, long units, String detail) {

    NewIncident incident() {
        return new NewIncident(kind, detail).about(subject).of(units);
    }
}
