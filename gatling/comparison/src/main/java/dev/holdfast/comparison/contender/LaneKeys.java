package dev.holdfast.comparison.contender;

import java.util.List;
import java.util.stream.Stream;

/** The six keys of a sale in Holdfast's Redis. */
public record LaneKeys(String saleId) {

    /** All but the ledger. */
    public List<String> withoutLedger() {
        return Stream.of("sale", "stock", "buyers", "holds", "due")
                .map(this::key)
                .toList();
    }

    /** The hash with a field for each reservation. */
    public String holds() {
        return key("holds");
    }

    /** The stream of what waits to be recorded. */
    public String ledger() {
        return key("ledger");
    }

    private String key(String name) {
        return "hf:{" + saleId + "/0}:" + name;
    }
}
