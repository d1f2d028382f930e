package dev.holdfast;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** The HOLDFAST_ variables as they are, and all that is found wrong with them: a start names every problem, not the first. */
final class Environment {
    private static final String PREFIX = "HOLDFAST_";

    /** Where the tests find their servers: in the same environment, and none of the service's business. */
    private static final String TEST_PREFIX = "HOLDFAST_TEST_";

    private static final String FILE_SUFFIX = "_FILE";

    private final Map<String, String> variables;
    private final List<String> problems = new ArrayList<>();

    Environment(Map<String, String> variables) {
        this.variables = variables;
    }

    /** Notes a problem with each HOLDFAST_ variable that is not among these. */
    void refuseOthersThan(Collection<String> known, Collection<String> readableFromFile) {
        for (String name : new TreeSet<>(variables.keySet())) {
            boolean isFile = name.endsWith(FILE_SUFFIX)
                    && readableFromFile.contains(name.substring(0, name.length() - FILE_SUFFIX.length()));
            if (name.startsWith(PREFIX) && !name.startsWith(TEST_PREFIX) && !known.contains(name) && !isFile) {
                problem(name, "no such setting");
            }
        }
    }

    /** Answers a variable's value; empty if it is not set, or set to nothing, which is a problem. */
    Optional<String> value(String name) {
        Optional<String> value = Optional.ofNullable(variables.get(name));
        if (value.filter(String::isBlank).isPresent()) {
            problem(name, "is empty");
            return Optional.empty();
        }
        return value;
    }

    /** The same, or what the file holds that the variable's {@code _FILE} variant names. */
    Optional<String> valueOrFile(String name) {
        String fileName = name + FILE_SUFFIX;
        Optional<String> value = value(name);
        Optional<String> file = value(fileName);
        if (value.isPresent() && file.isPresent()) {
            problem(fileName, "is set beside " + name + ": only one of them can count");
        }
        return value.or(() -> file.flatMap(path -> content(fileName, path)));
    }

    /** Tells whether the variable or its {@code _FILE} variant is set, well or badly. */
    boolean mentions(String name) {
        return variables.containsKey(name) || variables.containsKey(name + FILE_SUFFIX);
    }

    /** Notes what is wrong with a variable. The text must not give a secret away. */
    void problem(String name, String text) {
        problems.add(name + ": " + text);
    }

    /** Throws all problems noted so far, a line for each; passes if there are none. */
    void requireNoProblem() {
        if (!problems.isEmpty()) {
            throw new Settings.Problem(String.join(System.lineSeparator(), problems), null);
        }
    }

    private Optional<String> content(String name, String path) {
        try {
            String content = Files.readString(Path.of(path)).strip();
            if (content.isEmpty()) {
                problem(name, "the file " + path + " is empty");
            }
            return Optional.of(content).filter(text -> !text.isEmpty());
        } catch (IOException | InvalidPathException e) {
            problem(name, "cannot read the file " + path);
            return Optional.empty();
        }
    }
}
