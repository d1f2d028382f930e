package dev.holdfast.ledger;

import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What can go wrong so that a person has to know of it: for each kind its word, what becomes of the sale, and what to do about it. A new
 * kind is a line here, and needs no migration.
 */
public enum IncidentKind {
    /** Redis does not have what PostgreSQL recorded. */
    HISTORY_LOST(
            "history-lost",
            LaneAfter.RECOVERING,
            ClosedBy.A_REBUILD,
            Calls.REBUILD_FROM_REDIS,
            "Redis lost entries that are recorded, or has other ones. Nothing is sold until the sale is rebuilt. Ask for a rebuild with"
                    + " \"from\":\"redis\": what Redis still knows and PostgreSQL does not is recorded first, and nothing that either side has"
                    + " is lost, also where Redis was emptied. Without \"from\" it goes by PostgreSQL, and is refused with would-lose where"
                    + " acknowledged reservations would end by that."),
    /** A rebuild did not come to its end. */
    REBUILD_FAILED(
            "rebuild-failed",
            LaneAfter.AS_IT_WAS,
            ClosedBy.A_REBUILD,
            Calls.REBUILD,
            "A rebuild of the sale failed; the detail says why, and whether the sale sells. Mend the cause if there is one, then ask for"
                    + " the rebuild again, in the way that the detail names, else with \"from\" and \"discard\" as before: it begins from"
                    + " the start, and nothing is lost by the one that failed. A rebuild that succeeds resolves this incident.") {
        @Override
        String call(JsonObject facts) {
            if (!facts.containsKey(ASK)) {
                return super.call(facts);
            }
            return facts.getValue(ASK) instanceof JsonObject order ? Calls.rebuild(order) : Calls.LAST_REBUILD;
        }
    },
    /** Counts cannot be right. */
    BOOKS_DO_NOT_ADD_UP(
            "books-do-not-add-up",
            LaneAfter.FROZEN,
            ClosedBy.A_REBUILD,
            Calls.REBUILD,
            "The counts of Redis and PostgreSQL contradict each other. Nothing is sold until the sale is rebuilt. Compare both sides in"
                    + " the last audit. Where Redis offers units that there are not, as is usual, ask for a rebuild, which goes by PostgreSQL; where"
                    + " PostgreSQL is wrong, ask for one with \"from\":\"redis\"."),
    /** A rebuild went past entries that the books could not take. */
    ENTRIES_PUT_ASIDE(
            "entries-put-aside",
            LaneAfter.AS_IT_WAS,
            ClosedBy.A_PERSON,
            "GET /v1/admin/dead-letters?saleId={saleId}&state=waiting",
            "A rebuild found entries that PostgreSQL could not record: they are dead letters, and what they tell of is not in the sale."
                    + " List them, replay the ones that are wanted, discard the others, then resolve this incident."),
    /** An entry that may move units cannot be recorded. Its subject is the number of the dead letter. */
    DEAD_LETTER(
            "dead-letter",
            LaneAfter.FROZEN,
            ClosedBy.A_PERSON,
            "POST /v1/admin/dead-letters/{subject}/replay" + Calls.REASON,
            "PostgreSQL cannot record an entry of the ledger, so that its counts would differ from those of Redis. Nothing is sold"
                    + " until that is settled. Look at the dead letter and replay it, mended if need be, or discard it where it says"
                    + " nothing that is wanted. Either resolves this incident. Then ask for a rebuild of the sale.") {
        @Override
        String call(JsonObject facts) {
            return DISCARD.equals(facts.getValue(FIRST)) ? Calls.DISCARD_LETTER : super.call(facts);
        }
    },
    /** An entry that moves no units cannot be recorded. Its subject is the number of the dead letter. */
    DEAD_LETTER_WITHOUT_UNITS(
            "dead-letter-without-units",
            LaneAfter.AS_IT_WAS,
            ClosedBy.A_PERSON,
            "GET /v1/admin/dead-letters/{subject}",
            "PostgreSQL cannot record an entry of the ledger that moves no units: the sale goes on. Look at the dead letter, then"
                    + " discard it, which resolves this incident."),
    /** PostgreSQL refuses what is to be recorded of a sale, and not because of the data. */
    RECORDING_REFUSED(
            "recording-refused",
            LaneAfter.AS_IT_WAS,
            ClosedBy.A_PERSON,
            "",
            "PostgreSQL refuses to record this sale; the detail has its words, and the rule and SQLSTATE where it named them. The sale goes on,"
                    + " and its ledger waits in Redis. Look for what is not the service's in the tables that it names: a constraint, a"
                    + " trigger, a column or an index that somebody added. Remove that. Recording then goes on by itself and resolves this"
                    + " incident."),
    /** Redis applied an adjustment whose entry is not in the books. Its subject is the SKU. */
    ADJUSTMENT_NOT_RECORDED(
            "adjustment-not-recorded",
            LaneAfter.AS_IT_WAS,
            ClosedBy.A_PERSON,
            "GET /v1/admin/dead-letters?saleId={saleId}&state=waiting",
            "Redis applied an adjustment of this SKU's capacity, and its ledger entry does not come to PostgreSQL. Replay the dead letter"
                    + " that has it. Where there is none, ask for a rebuild of the sale, and adjust the capacity again if it is then not"
                    + " the one that is wanted."),
    /** Redis's clock was set, or another Redis with another clock took over. It is about no sale alone. */
    CLOCK_MOVED(
            "clock-moved",
            LaneAfter.AS_IT_WAS,
            ClosedBy.A_PERSON,
            "",
            "Redis's clock was moved. Sales go on by the time that passed, so no hold ends early, and their times differ from Redis's"
                    + " clock by that step until it is moved back or until the last hold from before it is over. Find out who moves the"
                    + " clock: let it be slewed, never set, while sales run. Then resolve this incident."),
    /** PostgreSQL lost what it had committed. It is about no sale alone, or about one whose missing entries are recorded again. */
    DATABASE_RESTORED(
            "database-restored",
            LaneAfter.AS_IT_WAS,
            ClosedBy.A_PERSON,
            "",
            "PostgreSQL is older than it was: a backup was restored, or a standby that lagged was promoted. Sales and stock are brought up"
                    + " from Redis. Look whether keys, names, prices and other settings that Redis does not keep are those that are"
                    + " wanted, and set them again. Then resolve this incident."),
    /** PostgreSQL lost whole sales, which Redis still has. It is about no sale alone: the details name them. */
    SALES_FORGOTTEN(
            "sales-forgotten",
            LaneAfter.AS_IT_WAS,
            ClosedBy.A_PERSON,
            "",
            "PostgreSQL is older than it was and does not have these sales any more: their buyers are answered 404. Redis still has them."
                    + " For each ask for a rebuild from redis (POST /v1/admin/sales/<its id>/rebuild with \"from\":\"redis\"), by which"
                    + " PostgreSQL gets the sale and its reservations again. Then set its name, prices and other settings that Redis does"
                    + " not keep once more (PUT), and resolve this incident."),
    /** PostgreSQL lost more of a sale than Redis can tell it again by itself. */
    BOOKS_BEHIND_REDIS(
            "books-behind-redis",
            LaneAfter.RECOVERING,
            ClosedBy.A_REBUILD,
            Calls.REBUILD_FROM_REDIS,
            "PostgreSQL is older than Redis, and Redis does not have all entries any more that are missing. Nothing is sold until the sale"
                    + " is rebuilt: ask for a rebuild with \"from\":\"redis\", by which PostgreSQL is brought up and nothing is lost."),
    /** A rebuild ended what callers were told of, because an admin said that it may. Its subject is the epoch of the rebuild. */
    RESERVATIONS_DISCARDED(
            "reservations-discarded",
            LaneAfter.AS_IT_WAS,
            ClosedBy.A_PERSON,
            "GET /v1/admin/sales/{saleId}/rebuild/findings",
            "Acknowledged reservations were ended by a rebuild. Each is among the findings: tell their customers. Then resolve this"
                    + " incident."),
    /** PostgreSQL was brought up to Redis. Its subject is the epoch of the rebuild. */
    BOOKS_CONCLUDED(
            "books-concluded",
            LaneAfter.AS_IT_WAS,
            ClosedBy.A_PERSON,
            "GET /v1/admin/sales/{saleId}/rebuild/findings",
            "A rebuild added to PostgreSQL what only Redis knew. Everything that had to be concluded is among the findings: look at"
                    + " conflicts and at purchases without a reservation. Then resolve this incident."),
    /** PostgreSQL's counts were not what its reservations come to. Its subject is the epoch of the rebuild. */
    BOOKS_MENDED(
            "books-mended",
            LaneAfter.AS_IT_WAS,
            ClosedBy.A_PERSON,
            "GET /v1/admin/sales/{saleId}/rebuild/findings",
            "Somebody changed counts or reservations in PostgreSQL. A rebuild wrote reservations as the ledger has them, and counts as the"
                    + " reservations come to. Each is among the findings: look at units that are sold or were held and of which no"
                    + " reservation is left, and at SKUs of which more is promised than there is. Then resolve this incident."),
    /** Redis has other counts of a SKU than the books, and offers no unit that they do not have. Its subject is the SKU. */
    STOCK_DIFFERS(
            "stock-differs",
            LaneAfter.AS_IT_WAS,
            ClosedBy.A_REBUILD,
            Calls.REPAIR,
            "Redis has other counts of this SKU than the books have after the same entry of the ledger, or none that can be read. No unit"
                    + " is sold that is not there, and other SKUs are not concerned. Repair this incident: Redis gets the counts of the"
                    + " books. No reservation changes."),
    /** Redis goes by another limit or product of a SKU than the admins set. Its subject is the SKU. */
    RULES_DIFFER(
            "rules-differ",
            LaneAfter.AS_IT_WAS,
            ClosedBy.A_REBUILD,
            Calls.REPAIR,
            "Redis goes by other rules of this SKU than the admins set: its limit for a customer, or its product. Repair this incident:"
                    + " Redis gets the rules of the books."),
    /** Redis goes by other settings of the sale than its admins set. */
    SETTINGS_DIFFER(
            "settings-differ",
            LaneAfter.AS_IT_WAS,
            ClosedBy.A_REBUILD,
            Calls.REPAIR,
            "Redis goes by other settings of the sale than the admins set: its state, window, limits or hold times. Repair this"
                    + " incident: Redis gets the settings of the books."),
    /** Redis does not have a reservation, or has it otherwise than the books. Its subject is the reservation, or its key. */
    HOLD_DIFFERS(
            "hold-differs",
            LaneAfter.AS_IT_WAS,
            ClosedBy.A_REBUILD,
            Calls.REPAIR,
            "Redis lost this reservation, cannot read it, or has it in another state, with other lines or another deadline than the"
                    + " ledger says. The counts are as they should be, and nobody else is concerned. Repair this incident: Redis gets the"
                    + " reservation as the ledger has it, so that its buyer has what was answered."),
    /** A reservation ends at another time than its deadline, or never. Its subject is the reservation, or its key. */
    DUE_DIFFERS(
            "due-differs",
            LaneAfter.AS_IT_WAS,
            ClosedBy.A_REBUILD,
            Calls.REPAIR,
            "Redis would look at this reservation at another time than at its deadline, or never, or has an entry for one that is not"
                    + " there: its units would come back too late. Repair this incident: the entry is set by the reservation."),
    /** Redis counts other units of a buyer than the books, so that limits do not hold. Its subject is the customer. */
    BUYER_DIFFERS(
            "buyer-differs",
            LaneAfter.AS_IT_WAS,
            ClosedBy.A_REBUILD,
            Calls.REPAIR,
            "Redis counts other units of this customer than the reservations come to: until that is mended the limits of the sale let"
                    + " the customer buy too much, or too little. Repair this incident: the units are set by the reservations. It is refused while one of"
                    + " the customer's rows in PostgreSQL is not what the ledger says: repair that one first."),
    /** PostgreSQL's row of a reservation is not what the ledger says. Its subject is the reservation. */
    RESERVATION_DIFFERS(
            "reservation-differs",
            LaneAfter.AS_IT_WAS,
            ClosedBy.A_PERSON,
            Calls.REPAIR,
            "The row of this reservation in PostgreSQL and the ledger do not say the same: one of them was deleted or changed. Repair this"
                    + " incident: the row is written as the ledger has it. Where the ledger itself is broken, the row becomes or stays"
                    + " what Redis says; where that cannot tell either, the answer says what each side has, and how to decide."),
    /** A batch of the ledger in PostgreSQL was deleted or changed. Its subject is the batch's place. */
    LEDGER_DIFFERS(
            "ledger-differs",
            LaneAfter.AS_IT_WAS,
            ClosedBy.A_PERSON,
            Calls.REPAIR,
            "A batch of the ledger in PostgreSQL was deleted or changed: its hash does not follow from the one before it. Counts and"
                    + " reservations are not concerned. Restore the row of ledger_batches from a backup, if there is one. Where there is"
                    + " none, repair this incident: the break is written down with its reason, and the chain goes on behind it.");

    /** Among the details of a failed rebuild: what to ask for with the next one, null where another one would fail as well. */
    static final String ASK = "ask";

    /** Among the details of a dead letter: what to do first. */
    static final String FIRST = "first";

    static final String DISCARD = "discard";

    /** Calls that several kinds have, or that a kind has for some of its incidents. */
    private static final class Calls {
        static final String REASON = " {\"reason\":\"incident {incidentId}: {kind}\"}";
        static final String REPAIR = "POST /v1/admin/incidents/{incidentId}/repair" + REASON;
        static final String REBUILD = "POST /v1/admin/sales/{saleId}/rebuild" + REASON;
        static final String REBUILD_FROM_REDIS =
                "POST /v1/admin/sales/{saleId}/rebuild {\"reason\":\"incident {incidentId}: {kind}\",\"from\":\"redis\"}";
        static final String LAST_REBUILD = "GET /v1/admin/sales/{saleId}/rebuild";
        static final String DISCARD_LETTER = "POST /v1/admin/dead-letters/{subject}/discard" + REASON;

        static String rebuild(JsonObject order) {
            JsonObject body = new JsonObject().put("reason", "incident {incidentId}: {kind}");
            return "POST /v1/admin/sales/{saleId}/rebuild "
                    + body.mergeIn(order).encode();
        }
    }

    /** The state of the sale's lane after it happened. */
    public enum LaneAfter {
        /** The sale goes on, or stays stopped as it was. */
        AS_IT_WAS(null),
        /** Redis is to be written anew. */
        RECOVERING("recovering"),
        /** A person has to look first. */
        FROZEN("frozen");

        private final @Nullable String word;

        LaneAfter(@Nullable String word) {
            this.word = word;
        }

        /** As it stands in the table of lanes; null where the state does not change. */
        @Nullable
        String word() {
            return word;
        }
    }

    /** What an incident ends with. */
    enum ClosedBy {
        /** Someone resolves it. */
        A_PERSON,
        /** It is resolved when the sale opens again after a rebuild. */
        A_REBUILD
    }

    private final String word;
    private final LaneAfter laneAfter;
    private final ClosedBy closedBy;
    private final String call;
    private final String whatToDo;

    IncidentKind(String word, LaneAfter laneAfter, ClosedBy closedBy, String call, String whatToDo) {
        this.word = word;
        this.laneAfter = laneAfter;
        this.closedBy = closedBy;
        this.call = call;
        this.whatToDo = whatToDo;
    }

    /** As it stands in PostgreSQL and in answers. */
    public String word() {
        return word;
    }

    /** What becomes of the sale's lane. */
    public LaneAfter laneAfter() {
        return laneAfter;
    }

    /** Whether the sale stops selling. */
    public boolean stopsTheLane() {
        return laneAfter != LaneAfter.AS_IT_WAS;
    }

    boolean isClosedByRebuild() {
        return closedBy == ClosedBy.A_REBUILD;
    }

    /** For people, in a few sentences. */
    public String whatToDo() {
        return whatToDo;
    }

    /**
     * The call of the admin API that deals with it: method, path, and for a POST its body; names in braces are fields of the incident. Empty
     * for none.
     */
    public String call() {
        return call;
    }

    /** The same for an incident with these details. */
    String call(JsonObject facts) {
        return call;
    }

    /** The kind with this word; empty for one of a newer version. */
    public static Optional<IncidentKind> ofWord(String word) {
        return Arrays.stream(values()).filter(kind -> kind.word.equals(word)).findFirst();
    }
}
