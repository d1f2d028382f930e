package dev.holdfast.comparison;

import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/** Reads the system properties that the pom passes on; throws if one is not there. */
final class Property {

    private Property() {}

    static String text(String name) {
        String value = System.getProperty("comparison." + name);
        if (value == null) {
            throw new IllegalStateException("comparison." + name + " is not set: start it by Maven, see README.md");
        }
        return value;
    }

    static int whole(String name) {
        return Integer.parseInt(text(name));
    }

    static Duration seconds(String name) {
        return Duration.ofMillis(Math.round(Double.parseDouble(text(name)) * 1000));
    }

    static Stream<String> list(String name) {
        return Stream.of(text(name).split(",", -1)).map(String::strip).filter(part -> !part.isEmpty());
    }

    /** As seen from the folder in which the user called Maven, not from the one that Maven runs us in. */
    static Path path(String name) {
        return Path.of(text("calledFrom")).resolve(text(name)).normalize();
    }
}
