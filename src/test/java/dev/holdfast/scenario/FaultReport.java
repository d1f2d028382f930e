package dev.holdfast.scenario;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a run of faults did and found, as a page of Markdown. */
final class FaultReport {

    private final long seed;
    private final String planted;
    private final long startNanos = System.nanoTime();
    private final Map<String, Integer> injected = new TreeMap<>();
    private final Map<String, Integer> answers = new TreeMap<>();
    private final Map<String, Integer> observed = new TreeMap<>();
    private final Map<String, Integer> broken = new TreeMap<>();
    private final List<String> evidence = new ArrayList<>();
    private int rounds;
    private long entries;
    private long reservations;
    private String trouble = "";

    /** @param planted the name of a bug that was planted; empty for none */
    FaultReport(long seed, String planted) {
        this.seed = seed;
        this.planted = planted;
    }

    /** A round is over, and this was found. */
    void add(FaultLog faults, Evidence round, Violations violations) {
        rounds++;
        addAll(injected, faults.counts());
        addAll(answers, History.summary(round.operations()));
        addAll(observed, round.observations().summary());
        addAll(broken, violations.perRule());
        entries += round.books() == null
                ? round.stream().size()
                : round.books().ledger().size();
        reservations += round.books() == null ? 0 : round.books().reservations().size();
        violations.found().forEach(found -> evidence.add("round " + rounds + ": " + found));
    }

    /** A round did not come to its end. */
    void broke(Throwable failure) {
        trouble = String.valueOf(failure);
    }

    /** Rules that were broken, and how often. */
    Map<String, Integer> broken() {
        return Map.copyOf(broken);
    }

    void write(Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(file, text());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    String text() {
        boolean kept = broken.isEmpty() && trouble.isEmpty();
        StringBuilder text = new StringBuilder("# Faults\n\n")
                .append("Verdict: ")
                .append(kept ? "every promise was kept" : "BROKEN")
                .append(".\n\n| | |\n|---|---|\n");
        row(text, "seed", seed);
        row(text, "planted bug", planted.isEmpty() ? "none" : planted);
        row(text, "length", Duration.ofNanos(System.nanoTime() - startNanos).toSeconds() + " s");
        row(text, "rounds", rounds);
        row(text, "ledger entries checked", entries);
        row(text, "reservations compared in Redis, PostgreSQL and the ledger", reservations);
        table(text, "Injected", "fault", injected);
        table(text, "Answers to buyers that were checked", "verb and answer", answers);
        table(text, "Observations that were checked", "kind", observed);
        if (!kept) {
            table(text, "Rules that were broken", "rule", broken);
            text.append('\n');
            evidence.forEach(found -> text.append("- ").append(found).append('\n'));
            if (!trouble.isEmpty()) {
                text.append("- a round did not come to its end: ")
                        .append(trouble)
                        .append('\n');
            }
        }
        return text.toString();
    }

    private static void table(StringBuilder text, String title, String what, Map<String, Integer> counts) {
        text.append("\n## ").append(title).append("\n\n| ").append(what).append(" | times |\n|---|---|\n");
        counts.forEach((name, times) -> row(text, name, times));
    }

    private static void row(StringBuilder text, String name, Object value) {
        text.append("| ").append(name).append(" | ").append(value).append(" |\n");
    }

    private static void addAll(Map<String, Integer> to, Map<String, Integer> more) {
        more.forEach((name, times) -> to.merge(name, times, Integer::sum));
    }
}
