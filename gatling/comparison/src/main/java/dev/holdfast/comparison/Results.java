package dev.holdfast.comparison;

import dev.holdfast.comparison.check.Verdict;
import dev.holdfast.comparison.contender.Entry;
import dev.holdfast.comparison.cost.DiskSync;
import dev.holdfast.comparison.cost.LifeCost;
import dev.holdfast.comparison.cost.MemoryCost;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** All that was measured. */
final class Results {

    private static final double MEBIBYTE = 1024.0 * 1024;

    private final List<Sample> samples = new ArrayList<>();
    private final Map<Entry, List<Verdict>> otherChecks = new EnumMap<>(Entry.class);
    private final Map<Entry, List<LifeCost>> lifeCosts = new EnumMap<>(Entry.class);
    private final Map<Entry, List<MemoryCost>> memoryCosts = new EnumMap<>(Entry.class);
    private final Map<Entry, List<Long>> residentBytes = new EnumMap<>(Entry.class);
    private final List<DiskSync> diskSyncs = new ArrayList<>();

    void add(Sample sample) {
        samples.add(sample);
    }

    /** Of a sale beside the samples. */
    void addCheck(Entry entry, Verdict verdict) {
        of(otherChecks, entry).add(verdict);
    }

    void add(Entry entry, LifeCost cost) {
        of(lifeCosts, entry).add(cost);
        addCheck(entry, cost.verdict());
    }

    void add(Entry entry, MemoryCost cost) {
        of(memoryCosts, entry).add(cost);
        addCheck(entry, cost.verdict());
    }

    void add(DiskSync sync) {
        diskSyncs.add(sync);
    }

    /** The most memory that the contender's process had in one round. */
    void addResident(Entry entry, long bytes) {
        of(residentBytes, entry).add(bytes);
    }

    List<Sample> of(Entry entry, Scenario scenario) {
        return samples.stream()
                .filter(sample -> sample.entry() == entry && sample.scenario().equals(scenario))
                .toList();
    }

    Spread lifeCost(Entry entry, ToDoubleFunction<LifeCost> figure) {
        return spread(of(lifeCosts, entry), figure);
    }

    Spread memoryCost(Entry entry, ToDoubleFunction<MemoryCost> figure) {
        return spread(of(memoryCosts, entry), figure);
    }

    Spread diskSync(ToDoubleFunction<DiskSync> figure) {
        return spread(diskSyncs, figure);
    }

    Spread residentMebibytes(Entry entry) {
        return spread(of(residentBytes, entry), bytes -> bytes / MEBIBYTE);
    }

    Spread spread(Entry entry, Scenario scenario, ToDoubleFunction<Sample> figure) {
        return spread(of(entry, scenario), figure);
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

    /**
     * The rate of a load at half rate: half of what the contender last did, but half of what Holdfast last did for those whose
     * latency is compared with Holdfast's.
     */
    double halfRate(Entry entry) {
        OptionalDouble own = lastRate(entry);
        OptionalDouble holdfast = lastRate(Entry.HOLDFAST);
        return (entry.isPeer() || holdfast.isEmpty() ? own : holdfast).orElse(2) / 2;
    }

    private OptionalDouble lastRate(Entry entry) {
        return of(entry, Scenario.ONE_SKU).stream()
                .mapToDouble(Sample::perSecond)
                .reduce((earlier, later) -> later);
    }

    /** What all checks of a contender found together. */
    Verdict verdict(Entry entry) {
        return verdicts(entry).reduce(Verdict.RIGHT, Verdict::plus);
    }

    /** How many sales of a contender were checked. */
    long checks(Entry entry) {
        return verdicts(entry).count();
    }

    private Stream<Verdict> verdicts(Entry entry) {
        Stream<Verdict> ofSamples =
                samples.stream().filter(sample -> sample.entry() == entry).map(Sample::verdict);
        return Stream.concat(ofSamples, of(otherChecks, entry).stream());
    }

    /** Answers of a contender that were neither holds nor refusals. */
    long others(Entry entry) {
        return samples.stream()
                .filter(sample -> sample.entry() == entry)
                .mapToLong(Sample::others)
                .sum();
    }

    boolean allRight() {
        return Stream.of(Entry.values()).flatMap(this::verdicts).allMatch(Verdict::right);
    }

    private static <T> List<T> of(Map<Entry, List<T>> lists, Entry entry) {
        return lists.computeIfAbsent(entry, first -> new ArrayList<>());
    }

    private static <T> Spread spread(List<T> all, ToDoubleFunction<T> figure) {
        return Spread.of(all.stream().mapToDouble(figure).toArray());
    }

    private OptionalDouble figure(Entry entry, Scenario scenario, int round, ToDoubleFunction<Sample> figure) {
        return of(entry, scenario).stream()
                .filter(sample -> sample.round() == round)
                .mapToDouble(figure)
                .findFirst();
    }
}
