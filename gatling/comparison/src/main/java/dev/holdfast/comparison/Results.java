package dev.holdfast.comparison;

import dev.holdfast.comparison.check.Verdict;
import dev.holdfast.comparison.contender.Entry;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/** All that was measured. */
final class Results {

    private final List<Sample> samples = new ArrayList<>();
    private final Map<Entry, Verdict> proofs = new EnumMap<>(Entry.class);
    private final Map<Entry, Integer> proofRuns = new EnumMap<>(Entry.class);

    void add(Sample sample) {
        samples.add(sample);
    }

    void addProof(Entry entry, Verdict verdict) {
        proofs.merge(entry, verdict, Verdict::plus);
        proofRuns.merge(entry, 1, Integer::sum);
    }

    List<Sample> of(Entry entry, Scenario scenario) {
        return samples.stream()
                .filter(sample -> sample.entry() == entry && sample.scenario().equals(scenario))
                .toList();
    }

    Spread spread(Entry entry, Scenario scenario, ToDoubleFunction<Sample> figure) {
        return Spread.of(of(entry, scenario).stream().mapToDouble(figure).toArray());
    }

    /** Rates of the first as parts of rates of the second, round by round: what the machine did meanwhile hits both. */
    Spread ratio(Entry entry, Scenario scenario, Entry toEntry, Scenario toScenario) {
        return Spread.of(of(entry, scenario).stream()
                .flatMapToDouble(sample -> figure(toEntry, toScenario, sample.round(), Sample::perSecond).stream()
                        .map(other -> sample.perSecond() / other))
                .toArray());
    }

    /** A figure of the first as part of the second's, in one scenario, round by round. */
    Spread ratio(Entry entry, Entry toEntry, Scenario scenario, ToDoubleFunction<Sample> figure) {
        return Spread.of(of(entry, scenario).stream()
                .flatMapToDouble(sample -> figure(toEntry, scenario, sample.round(), figure).stream()
                        .map(other -> figure.applyAsDouble(sample) / other))
                .toArray());
    }

    /** The rate of a load at half rate: half of what the contender did, but for the ceiling half of what Holdfast did. */
    double halfRate(Entry entry, int round) {
        OptionalDouble holdfast = figure(Entry.HOLDFAST, Scenario.ONE_SKU, round, Sample::perSecond);
        OptionalDouble own = figure(entry, Scenario.ONE_SKU, round, Sample::perSecond);
        return (entry.sells() || holdfast.isEmpty() ? own : holdfast).orElse(2) / 2;
    }

    /** What all checks of a contender found together. */
    Verdict verdict(Entry entry) {
        return samples.stream()
                .filter(sample -> sample.entry() == entry)
                .map(Sample::verdict)
                .reduce(proofs.getOrDefault(entry, Verdict.RIGHT), Verdict::plus);
    }

    /** How many sales of a contender were checked. */
    long checks(Entry entry) {
        return samples.stream().filter(sample -> sample.entry() == entry).count() + proofRuns.getOrDefault(entry, 0);
    }

    /** Answers of a contender that were neither holds nor refusals. */
    long others(Entry entry) {
        return samples.stream()
                .filter(sample -> sample.entry() == entry)
                .mapToLong(Sample::others)
                .sum();
    }

    boolean allRight() {
        return samples.stream().allMatch(sample -> sample.verdict().right())
                && proofs.values().stream().allMatch(Verdict::right);
    }

    private OptionalDouble figure(Entry entry, Scenario scenario, int round, ToDoubleFunction<Sample> figure) {
        return of(entry, scenario).stream()
                .filter(sample -> sample.round() == round)
                .mapToDouble(figure)
                .findFirst();
    }
}
