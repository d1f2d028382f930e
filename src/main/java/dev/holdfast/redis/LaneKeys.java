package dev.holdfast.redis;

import dev.holdfast.reservation.Lane;

/** The six keys of a lane, under one hash tag, in the order in which every script declares them. */
public record LaneKeys(String sale, String stock, String buyers, String holds, String due, String ledger) {

    /** The keys of this lane; they do not depend on its epoch. */
    public static LaneKeys of(Lane lane) {
        String tag = "hf:{" + lane.saleId().value() + '/' + lane.number() + "}:";
        return new LaneKeys(tag + "sale", tag + "stock", tag + "buyers", tag + "holds", tag + "due", tag + "ledger");
    }

    /** As a script's KEYS. */
    public String[] inOrder() {
        return new String[] {sale, stock, buyers, holds, due, ledger};
    }
}
