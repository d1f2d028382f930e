package dev.holdfast.redis;

import dev.holdfast.reservation.Identifiers;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.SaleId;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The six keys of a lane, under one hash tag, in the order in which every script declares them. */
public record LaneKeys(String sale, String stock, String buyers, String holds, String due, String ledger) {

    /** The keys of this lane; they do not depend on its epoch. */
    public static LaneKeys of(Lane lane) {
        String tag = "hf:{" + lane.saleId().value() + '/' + lane.number() + "}:";
        return new LaneKeys(tag + "sale", tag + "stock", tag + "buyers", tag + "holds", tag + "due", tag + "ledger");
    }

    /** What the keys of all sales' hashes match, as SCAN takes it. */
    static final String EVERY_SALE = "hf:{*/0}:sale";

    private static final Pattern SALE = Pattern.compile("hf:\\{(.+)/0}:sale");

    /** Whose hash this key is; empty for another key. */
    static Optional<SaleId> saleOf(String key) {
        Matcher matcher = SALE.matcher(key);
        return matcher.matches() && Identifiers.isIdentifier(matcher.group(1))
                ? Optional.of(new SaleId(matcher.group(1)))
                : Optional.empty();
    }

    /** As a script's KEYS. */
    public String[] inOrder() {
        return new String[] {sale, stock, buyers, holds, due, ledger};
    }
}
