package dev.holdfast.admin.preflight;

import dev.holdfast.ledger.PreflightBook.Some;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One thing that would embarrass.
 *
 * @param code for programs
 * @param detail for people: what is so, and what it means for buyers
 * @param numbers what it was judged by, by name
 * @param skus the first few that it is about; empty where it is about none
 */
public record Finding(String code, Severity severity, String detail, Map<String, Long> numbers, List<String> skus) {

    /** How much it matters. */
    public enum Severity {
        /** Buyers cannot buy, or what they bought may be lost. */
        BLOCKER,
        /** It may be meant so. */
        WARNING;

        private final String word = name().toLowerCase(Locale.ROOT);

        /** As it stands in answers. */
        public String word() {
            return word;
        }
    }

    static Finding blocker(String code, String detail) {
        return new Finding(code, Severity.BLOCKER, detail, Map.of(), List.of());
    }

    static Finding warning(String code, String detail) {
        return new Finding(code, Severity.WARNING, detail, Map.of(), List.of());
    }

    Finding with(String name, long number) {
        Map<String, Long> more = new LinkedHashMap<>(numbers);
        more.put(name, number);
        return new Finding(code, severity, detail, more, skus);
    }

    Finding about(Some some) {
        return new Finding(code, severity, detail, numbers, some.first()).with("skuCount", some.count());
    }
}
