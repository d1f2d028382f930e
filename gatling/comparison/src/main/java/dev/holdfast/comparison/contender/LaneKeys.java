package dev.holdfast.comparison.contender;

import java.util.List;

/** The six keys of a sale in Holdfast's Redis. */
public record LaneKeys(String saleId) {

    /** The sale and its counts, whose size does not depend on how many holds there are. */
    public List<String> ofSale() {
        return List.of(key("sale"), key("stock"));
    }

    /** The hash of units that buyers have. */
    public String buyers() {
        return key("buyers");
    }

    /** The hash with a field for each reservation. */
    public String holds() {
        return key("holds");
    }

    /** The sorted set of deadlines. */
    public String due() {
        return key("due");
    }

    /** The stream of what waits to be recorded. */
    public String ledger() {
        return key("ledger");
    }

    private String key(String name) {
        return "hf:{" + saleId + "/0}:" + name;
    }
}
