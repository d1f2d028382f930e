package dev.holdfast.gatling;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The settings of a run: each has a default, and a system property that starts with {@code holdfast.}. */
public final class Settings {
    private static final String PREFIX = "holdfast.";

    private final Properties properties;
    private final Map<String, String> shown = new LinkedHashMap<>();

    /** Reads these properties; a run hands in those of the system. */
    public Settings(Properties properties) {
        this.properties = properties;
    }

    /** A whole number of at least 1. Throws if it is something else. */
    public int number(String name, int fallback) {
        String text = text(name, Integer.toString(fallback));
        if (!text.matches("[1-9][0-9]{0,8}")) {
            throw new IllegalArgumentException(PREFIX + name + ": not a whole number from 1 on: " + text);
        }
        return Integer.parseInt(text);
    }

    /** A share in percent, 0 to 100. Throws if it is something else. */
    public int percent(String name, int fallback) {
        String text = text(name, Integer.toString(fallback));
        if (!text.matches("[0-9]{1,2}|100")) {
            throw new IllegalArgumentException(PREFIX + name + ": not a percentage from 0 to 100: " + text);
        }
        return Integer.parseInt(text);
    }

    /** Any text. */
    public String text(String name, String fallback) {
        String value = properties.getProperty(PREFIX + name, fallback);
        shown.put(name, value);
        return value;
    }

    /** Any text, which is not shown. */
    public String secret(String name, String fallback) {
        String value = text(name, fallback);
        shown.put(name, "***");
        return value;
    }

    /** Throws if there is a property that nobody asked for: a slip of the pen would else run with a default. */
    public void requireNoOthers() {
        var others = new TreeSet<String>();
        for (String property : properties.stringPropertyNames()) {
            if (property.startsWith(PREFIX) && !shown.containsKey(property.substring(PREFIX.length()))) {
                others.add(property);
            }
        }
        if (!others.isEmpty()) {
            throw new IllegalArgumentException("not a setting of this simulation: " + String.join(", ", others)
                    + "; it has " + PREFIX + String.join(", " + PREFIX, shown.keySet()));
        }
    }

    /** All that were asked for, as they would be given again. */
    @Override
    public String toString() {
        return shown.entrySet().stream()
                .filter(setting -> !setting.getValue().equals("***"))
                .map(setting -> "-D" + PREFIX + setting.getKey() + "=" + setting.getValue())
                .collect(Collectors.joining(" "));
    }
}
