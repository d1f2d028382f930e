package dev.holdfast.support;

import java.util.Map;
import java.util.TreeMap;

/** Reads a lane's buyers: where all of a buyer's units are of one SKU, one field says both. */
public final class BuyersHash {

    private BuyersHash() {}

    /** Units by {@code customer} and by {@code customer|sku}. */
    public static Map<String, String> units(Map<String, String> fields) {
        Map<String, String> units = new TreeMap<>();
        fields.forEach((field, value) -> {
            String[] words = value.split(" ", 2);
            units.put(field, words[0]);
            if (words.length == 2) {
                units.put(field + '|' + words[1], words[0]);
            }
        });
        return units;
    }
}
