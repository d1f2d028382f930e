package dev.holdfast.comparison;

import dev.holdfast.comparison.contender.Entry;
import dev.holdfast.comparison.contender.Jvm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a run does, by the system properties that the pom passes on.
 *
 * @param rounds in each, every contender has its turn
 * @param time of one measurement
 * @param activeHolds numbers of holds that a sale has before a measurement begins
 * @param report the Markdown file that the run writes
 * @param command that started the run, for the report
 * @param versions of libraries, for the report
 */
record Plan(
        Set<Entry> entries,
        int rounds,
        Duration time,
        Duration warmUp,
        int connections,
        List<Long> activeHolds,
        Jvm jvm,
        Path holdfastJar,
        Path report,
        String command,
        String versions) {

    static Plan fromProperties() {
        return new Plan(
                entries(text("contenders")),
                Integer.parseInt(text("rounds")),
                seconds("seconds"),
                seconds("warmUpSeconds"),
                Integer.parseInt(text("connections")),
                list("activeHolds").map(Long::valueOf).toList(),
                new Jvm(Stream.of(text("jvmFlags").strip().split("\\s+", -1)).toList()),
                Path.of(text("holdfastJar")).normalize(),
                Path.of(text("report")).normalize(),
                text("command"),
                text("versions"));
    }

    /** What one round measures of one contender, in this order. */
    List<Scenario> scenarios() {
        return Stream.of(
                        Stream.of(Scenario.ONE_SKU, Scenario.MANY_SKUS),
                        activeHolds.stream().map(Scenario::active),
                        Stream.of(Scenario.SOLD_OUT, Scenario.HALF_RATE))
                .flatMap(part -> part)
                .toList();
    }

    /** Accepted holds on one SKU as its active holds grow, from none on. */
    List<Scenario> levels() {
        return Stream.concat(Stream.of(Scenario.ONE_SKU), activeHolds.stream().map(Scenario::active))
                .toList();
    }

    private static Set<Entry> entries(String words) {
        return words.equals("all")
                ? EnumSet.allOf(Entry.class)
                : EnumSet.copyOf(list("contenders")
                        .map(word -> Entry.valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_')))
                        .toList());
    }

    private static Duration seconds(String name) {
        return Duration.ofMillis(Math.round(Double.parseDouble(text(name)) * 1000));
    }

    private static Stream<String> list(String name) {
        return Stream.of(text(name).split(",", -1)).map(String::strip).filter(part -> !part.isEmpty());
    }

    private static String text(String name) {
        String value = System.getProperty("comparison." + name);
        if (value == null) {
            throw new IllegalStateException("comparison." + name + " is not set: start it by Maven, see README.md");
        }
        return value;
    }
}
