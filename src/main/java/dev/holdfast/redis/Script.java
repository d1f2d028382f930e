package dev.holdfast.redis;

import java.util.List;
import java.util.Set;

/** The scripts: one for each file in lua/, with the words of its header, to which a test holds both. */
@SuppressWarnings("ImmutableEnumChecker") // its lists and sets are copies that cannot change
public enum Script {
    HOLD(
            "hold",
            Effect.CHANGES,
            List.of("place", "key", "customer", "fingerprint", "hold_ms", "lines"),
            "DECIDED HELD REPLAYED KEY_REUSED OUT_OF_STOCK PURCHASE_LIMIT UNKNOWN_SKU UNREADABLE HOLD_TOO_LONG SALE_NOT_OPEN"
                    + " SALE_PAUSED SALE_CLOSED LEDGER_FULL MORE_DUE LOST CALL_AGAIN BAD_SETTING BAD_ARGUMENT NO_LANE STALE_EPOCH BEHIND"),
    CONFIRM(
            "confirm",
            Effect.CHANGES,
            List.of("place", "key", "held_at"),
            "DECIDED CONFIRMED ENDED NOT_FOUND LOST UNREADABLE CALL_AGAIN BAD_ARGUMENT NO_LANE STALE_EPOCH BEHIND"),
    RELEASE(
            "release",
            Effect.CHANGES,
            List.of("place", "key", "held_at"),
            "DECIDED RELEASED ENDED NOT_FOUND LOST UNREADABLE CALL_AGAIN BAD_ARGUMENT NO_LANE STALE_EPOCH BEHIND"),
    EXTEND(
            "extend",
            Effect.CHANGES,
            List.of("place", "key", "held_at", "hold_ms", "expected_revision"),
            "EXTENDED OTHER_REVISION ENDED NOT_FOUND LOST UNREADABLE BAD_SETTING BAD_ARGUMENT NO_LANE STALE_EPOCH BEHIND"),
    REPLACE(
            "replace",
            Effect.CHANGES,
            List.of("place", "key", "held_at", "lines", "expected_revision"),
            "REPLACED OTHER_REVISION ENDED NOT_FOUND LOST OUT_OF_STOCK PURCHASE_LIMIT UNKNOWN_SKU UNREADABLE SALE_NOT_OPEN"
                    + " SALE_PAUSED SALE_CLOSED MORE_DUE BAD_SETTING BAD_ARGUMENT NO_LANE STALE_EPOCH BEHIND"),
    SHRINK(
            "shrink",
            Effect.CHANGES,
            List.of("place", "key", "held_at", "lines", "expected_revision"),
            "REPLACED OTHER_REVISION ENDED NOT_FOUND LOST OUT_OF_STOCK PURCHASE_LIMIT UNKNOWN_SKU UNREADABLE SALE_NOT_OPEN"
                    + " SALE_PAUSED SALE_CLOSED GROWS MORE_DUE BAD_SETTING BAD_ARGUMENT NO_LANE STALE_EPOCH BEHIND"),
    RECLAIM(
            "reclaim",
            Effect.CHANGES,
            List.of("place", "key", "held_at", "state", "revision", "lasts", "fingerprint", "customer", "lines"),
            "RECLAIMED ENDED TOO_LATE KEY_REUSED OUT_OF_STOCK PURCHASE_LIMIT UNKNOWN_SKU UNREADABLE MORE_DUE LOST BAD_SETTING"
                    + " BAD_ARGUMENT NO_LANE STALE_EPOCH BEHIND"),
    EXPIRE(
            "expire",
            Effect.CHANGES,
            List.of("place", "most", "retention_ms", "key", "slip"),
            "SWEPT BAD_ARGUMENT NO_LANE STALE_EPOCH BEHIND"),
    FIND(
            "find",
            Effect.READS,
            List.of("place", "key", "held_at"),
            "FOUND NOT_FOUND LOST UNREADABLE NO_LANE STALE_EPOCH BEHIND"),
    STOCK(
            "stock",
            Effect.READS,
            List.of("place", "cursor", "sku"),
            "COUNTED UNREADABLE BAD_ARGUMENT NO_LANE STALE_EPOCH BEHIND"),
    EXPIRIES(
            "expiries",
            Effect.READS,
            List.of("place", "sku", "from", "skip", "most"),
            "LISTED UNREADABLE BAD_ARGUMENT NO_LANE STALE_EPOCH BEHIND"),
    SALE("sale", Effect.READS, List.of("place"), "SALE BAD_SETTING NO_LANE STALE_EPOCH BEHIND"),
    SET_SALE(
            "set_sale",
            Effect.CHANGES,
            List.of(
                    "place",
                    "create",
                    "version",
                    "state",
                    "opens_at_ms",
                    "closes_at_ms",
                    "hold_ms",
                    "max_hold_ms",
                    "customer_limit",
                    "offset_ms"),
            "APPLIED OUTDATED BAD_ARGUMENT NO_LANE STALE_EPOCH BEHIND"),
    SET_STOCK(
            "set_stock",
            Effect.CHANGES,
            List.of("place", "sku", "rules_version", "capacity", "customer_limit", "product", "create"),
            "DECIDED APPLIED OUTDATED UNKNOWN_SKU BAD_ARGUMENT NO_LANE STALE_EPOCH LEDGER_DIFFERS BEHIND"),
    ADJUST(
            "adjust",
            Effect.CHANGES,
            List.of("place", "sku", "adjustment_no", "adjustment_id", "version", "capacity", "allow_below_held"),
            "ADJUSTED BELOW_USE OUTDATED VERSION_CONFLICT UNKNOWN_SKU UNREADABLE MORE_DUE BAD_ARGUMENT NO_LANE"
                    + " STALE_EPOCH LEDGER_DIFFERS BEHIND"),
    AUDIT("audit", Effect.READS, List.of("place", "sku"), "COUNTED BAD_ARGUMENT NO_LANE STALE_EPOCH BEHIND"),
    SCAN(
            "scan",
            Effect.READS,
            List.of("place", "what", "cursor", "most"),
            "SCANNED BAD_ARGUMENT NO_LANE STALE_EPOCH BEHIND"),
    LOOK("look", Effect.READS, List.of("place", "what", "name"), "SHOWN BAD_ARGUMENT NO_LANE STALE_EPOCH BEHIND"),
    REPAIR(
            "repair",
            Effect.CHANGES,
            List.of("place", "what", "name", "seen", "wanted", "due"),
            "REPAIRED CHANGED BAD_ARGUMENT NO_LANE STALE_EPOCH BEHIND"),
    TRIM(
            "trim",
            Effect.CHANGES,
            List.of("place", "recorded_seq", "keep_from", "life"),
            "TRIMMED OUTDATED BAD_ARGUMENT NO_LANE STALE_EPOCH BEHIND"),
    RETIRE(
            "retire",
            Effect.CHANGES,
            List.of("place", "recorded_seq", "go"),
            "RETIRED QUIET IN_USE BAD_SETTING BAD_ARGUMENT NO_LANE STALE_EPOCH BEHIND"),
    POSITION("position", Effect.READS, List.of("place"), "AT LEDGER_DIFFERS WRONG_TYPE NO_LANE STALE_EPOCH BEHIND"),
    STOP("stop", Effect.CHANGES, List.of("epoch"), "STOPPED NO_LANE STALE_EPOCH"),
    SEAL("seal", Effect.CHANGES, List.of("epoch"), "SEALED BAD_ARGUMENT STALE_EPOCH"),
    CLEAR(
            "clear",
            Effect.CHANGES,
            List.of(
                    "epoch",
                    "version",
                    "state",
                    "opens_at_ms",
                    "closes_at_ms",
                    "hold_ms",
                    "max_hold_ms",
                    "customer_limit",
                    "offset_ms",
                    "retention_ms"),
            "CLEARED BAD_ARGUMENT STALE_EPOCH"),
    RESTORE_STOCK(
            "restore_stock",
            Effect.CHANGES,
            List.of(
                    "epoch",
                    "sku",
                    "capacity",
                    "available",
                    "held",
                    "sold",
                    "version",
                    "rules_version",
                    "customer_limit",
                    "product",
                    "pending",
                    "adjustment_no",
                    "adjustments"),
            "RESTORED BAD_ARGUMENT NO_LANE STALE_EPOCH"),
    RESTORE_HOLDS(
            "restore_holds",
            Effect.CHANGES,
            List.of(
                    "epoch",
                    "key",
                    "state",
                    "revision",
                    "ended_after",
                    "held_at",
                    "lasts",
                    "fingerprint",
                    "customer",
                    "lines"),
            "RESTORED BAD_ARGUMENT NO_LANE STALE_EPOCH"),
    RESTORE_BUYERS(
            "restore_buyers",
            Effect.CHANGES,
            List.of("epoch", "field", "units"),
            "RESTORED BAD_ARGUMENT NO_LANE STALE_EPOCH"),
    UNSEAL("unseal", Effect.CHANGES, List.of("epoch", "holds", "buyers"), "OPENED DIFFERS NO_LANE STALE_EPOCH"),
    RESTORE_ENDED(
            "restore_ended",
            Effect.CHANGES,
            List.of(
                    "place",
                    "key",
                    "state",
                    "revision",
                    "ended_after",
                    "held_at",
                    "lasts",
                    "fingerprint",
                    "customer",
                    "lines"),
            "RESTORED BAD_ARGUMENT NO_LANE STALE_EPOCH LEDGER_DIFFERS BEHIND");

    private final String fileName;
    private final Effect effect;
    private final List<String> arguments;
    private final Set<String> replyWords;

    Script(String name, Effect effect, List<String> arguments, String replyWords) {
        this.fileName = name + ".lua";
        this.effect = effect;
        this.arguments = List.copyOf(arguments);
        this.replyWords = Set.of(replyWords.split(" ", -1));
    }

    /** Within lua/. */
    public String fileName() {
        return fileName;
    }

    /** The names of ARGV, in order. */
    public List<String> arguments() {
        return arguments;
    }

    /** Every word with which a reply may begin. */
    public Set<String> replyWords() {
        return replyWords;
    }

    /** Whether it takes its arguments but the epoch many times over, for as many answers. */
    boolean takesMany() {
        return replyWords.contains("DECIDED");
    }

    /** Whether it may append to the ledger, by whatever way. What only looks, only the recorder does, or puts back what is recorded, is listed. */
    boolean mayAppend() {
        return switch (this) {
            case FIND, EXPIRIES, SALE, POSITION, TRIM -> false;
            case RESTORE_STOCK, RESTORE_HOLDS, RESTORE_BUYERS, RESTORE_ENDED -> false;
            default -> true;
        };
    }

    /** Whether its first argument is the lane's place, else its epoch. */
    boolean takesPlace() {
        return arguments.getFirst().equals("place");
    }

    /** For how many it may be called at once, for those that take many. */
    int mostAtOnce() {
        return this == SET_STOCK ? 20 : 50;
    }

    /** Arguments of one answer, for those that take many. */
    int groupSize() {
        return arguments.size() - 1;
    }

    Effect effect() {
        return effect;
    }
}
