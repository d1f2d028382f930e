package dev.holdfast.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the checker found: a rule that was broken, and by what. */
final class Violations {

    /** More of one kind tell nothing new, and a broken ledger has them by the thousand. */
    private static final int KEPT_PER_RULE = 10;

    private final List<String> found = new ArrayList<>();
    private final Map<String, Integer> perRule = new TreeMap<>();

    /** Writes down that the rule is broken, with its evidence. */
    void add(String rule, Object... evidence) {
        if (perRule.merge(rule, 1, Integer::sum) <= KEPT_PER_RULE) {
            StringBuilder text = new StringBuilder(rule).append(':');
            for (Object piece : evidence) {
                text.append(' ').append(piece);
            }
            found.add(text.toString());
        }
    }

    void addUnless(boolean holds, String rule, Object... evidence) {
        if (!holds) {
            add(rule, evidence);
        }
    }

    List<String> found() {
        return List.copyOf(found);
    }

    /** How often each rule was broken. */
    Map<String, Integer> perRule() {
        return Map.copyOf(perRule);
    }
}
