package dev.holdfast.comparison;

import dev.holdfast.comparison.contender.Entry;
import dev.holdfast.comparison.contender.Jvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Who takes part.
 *
 * @param holdfast as all others are run
 * @param holdfastB as its second form is run
 */
record Cast(Set<Entry> entries, Build holdfast, Build holdfastB) {

    /** A jar of Holdfast, and the Java that it runs on. */
    record Build(Path jar, Jvm jvm) {}

    static Cast fromProperties() {
        return new Cast(
                entries(Property.text("contenders")),
                new Build(Property.path("holdfastJar"), jvm("jvmFlags")),
                new Build(Property.path("holdfastJarB"), jvm("jvmFlagsB")));
    }

    /** Peers run on the same Java as Holdfast. */
    Build build(Entry entry) {
        return entry == Entry.HOLDFAST_B ? holdfastB : holdfast;
    }

    boolean comparesHoldfasts() {
        return entries.contains(Entry.HOLDFAST) && entries.contains(Entry.HOLDFAST_B);
    }

    /** Throws if a jar is missing that takes part. */
    void requireJars() {
        for (Entry entry : entries) {
            if (entry.isHoldfast() && !Files.exists(build(entry).jar())) {
                throw new IllegalStateException(build(entry).jar()
                        + " is missing: build it with mvn -DskipTests package in the project's folder");
            }
        }
    }

    private static Jvm jvm(String property) {
        return new Jvm(Stream.of(Property.text(property).strip().split("\\s+", -1))
                .filter(flag -> !flag.isEmpty())
                .toList());
    }

    private static Set<Entry> entries(String words) {
        if (words.equals("all")) {
            return EnumSet.complementOf(EnumSet.of(Entry.HOLDFAST_B));
        }
        List<Entry> named = Property.list("contenders")
                .map(word -> Entry.valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_')))
                .toList();
        return EnumSet.copyOf(named);
    }
}
