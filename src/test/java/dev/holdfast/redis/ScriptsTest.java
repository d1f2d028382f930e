package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Holds each script's header, its body and the enum to each other. */
class ScriptsTest {

    private static final List<String> KEYS = List.of("sale", "stock", "buyers", "holds", "due", "ledger");
    private static final Pattern NUMBERED = Pattern.compile("^ {4}(\\d+) (\\w+)");
    private static final Pattern REPLY = Pattern.compile("^ {4}([A-Z][A-Z_]+)\\b");
    private static final Pattern WORD = Pattern.compile("'([A-Z][A-Z_]+)'");
    private static final Pattern ARGV = Pattern.compile("ARGV\\[(\\d+)]");
    private static final Pattern ARGV_OF_A_GROUP = Pattern.compile("ARGV\\[at(?: \\+ (\\d+))?]");

    private static final Pattern REDIS_CALL = Pattern.compile("(redis\\.p?call|write_all)\\(");
    private static final Pattern UNPACK = Pattern.compile("\\bunpack\\(");

    private final Scripts scripts = Scripts.bundled();

    @ParameterizedTest
    @EnumSource
    void theHeaderNamesTheSixKeysOfALane(Script script) {
        assertThat(numbered(script, "KEYS", "ARGV")).isEqualTo(KEYS);
    }

    @ParameterizedTest
    @EnumSource
    void theHeaderNamesTheArgumentsOfTheEnum(Script script) {
        assertThat(numbered(script, "ARGV", "Replies")).isEqualTo(script.arguments());
    }

    @ParameterizedTest
    @EnumSource
    void theHeaderNamesTheReplyWordsOfTheEnum(Script script) {
        Set<String> words = new TreeSet<>();
        for (String line : section(script, "Replies", "]]")) {
            Matcher matcher = REPLY.matcher(line);
            if (matcher.find()) {
                words.add(matcher.group(1));
            }
        }

        assertThat(words).isEqualTo(new TreeSet<>(script.replyWords()));
    }

    @ParameterizedTest
    @EnumSource
    void theBodyAnswersTheReplyWordsOfTheEnumAndNoOthers(Script script) {
        Set<String> words = new TreeSet<>();
        Matcher matcher = WORD.matcher(withoutRedisCalls(body(script)));
        while (matcher.find()) {
            words.add(matcher.group(1));
        }

        assertThat(words).isEqualTo(new TreeSet<>(script.replyWords()));
    }

    @ParameterizedTest
    @EnumSource
    void theBodyUsesEveryArgumentOfTheEnumAndNoOthers(Script script) {
        String body = body(script);
        Set<Integer> used = new TreeSet<>();
        ARGV.matcher(body).results().forEach(result -> used.add(Integer.valueOf(result.group(1))));
        // Those that take many begin each group after the epoch.
        ARGV_OF_A_GROUP
                .matcher(body)
                .results()
                .forEach(result -> used.add(2 + Integer.parseInt(Objects.requireNonNullElse(result.group(1), "0"))));
        // What is set about a sale is read in a loop over its names.
        for (int i = 0; i < script.arguments().size(); i++) {
            if (body.contains("ARGV[i + before]")
                    && body.contains("'" + script.arguments().get(i) + "'")) {
                used.add(i + 1);
            }
        }

        assertThat(used)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, script.arguments().size())
                                .boxed()
                                .toList());
    }

    @Test
    void everyFileIsInTheEnum() throws Exception {
        Path folder =
                Path.of(Scripts.class.getResource("/lua/hold.lua").toURI()).getParent();

        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".lua")))
                    .containsExactlyInAnyOrderElementsOf(
                            Arrays.stream(Script.values()).map(Script::fileName).toList());
        }
    }

    @Test
    void anUnknownIncludeFailsAndNamesItsFile() {
        assertThatThrownBy(() -> Scripts.withIncludes("hold.lua", "--@include nothing\n"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("hold.lua")
                .hasMessageContaining("nothing");
    }

    @Test
    void noIncludeIsLeftInWhatRedisRuns() {
        for (Script script : Script.values()) {
            assertThat(scripts.text(script)).startsWith("#!lua").doesNotContain("--@include");
        }
    }

    @Test
    void anAlteredTextHasItsOwnDigest() {
        Scripts altered = scripts.with(Map.of(Script.FIND, scripts.text(Script.FIND) + "-- altered\n"));

        assertThat(altered.digest(Script.FIND)).isNotEqualTo(scripts.digest(Script.FIND));
        assertThat(altered.digest(Script.HOLD)).isEqualTo(scripts.digest(Script.HOLD));
    }

    private List<String> numbered(Script script, String from, String to) {
        List<String> names = new ArrayList<>();
        for (String line : section(script, from, to)) {
            Matcher matcher = NUMBERED.matcher(line);
            if (matcher.find()) {
                names.add(matcher.group(2));
                assertThat(matcher.group(1)).isEqualTo("" + names.size());
            }
        }
        return names;
    }

    private List<String> section(Script script, String from, String to) {
        return scripts.text(script)
                .lines()
                .dropWhile(line -> !line.strip().equals(from))
                .skip(1)
                .takeWhile(line -> !line.strip().equals(to))
                .toList();
    }

    private String body(Script script) {
        String text = scripts.text(script);
        return text.substring(text.indexOf("]]") + 2);
    }

    @Test
    void tablesOfAnyLengthAreTakenApartInOneFileOnly() throws Exception {
        Path folder =
                Path.of(Scripts.class.getResource("/lua/hold.lua").toURI()).getParent();

        try (Stream<Path> files = Files.walk(folder)) {
            assertThat(files.filter(file -> file.toString().endsWith(".lua"))
                            .filter(file -> UNPACK.matcher(read(file)).find())
                            .map(file -> file.getFileName().toString()))
                    .as("Lua's stack takes 8,000 values: what grows goes through include/in_parts.lua")
                    .containsExactly("in_parts.lua");
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Their upper case words are commands of Redis. */
    private static String withoutRedisCalls(String body) {
        StringBuilder rest = new StringBuilder();
        Matcher call = REDIS_CALL.matcher(body);
        int at = 0;
        while (call.find(at)) {
            rest.append(body, at, call.start());
            int depth = 0;
            at = call.end() - 1;
            do {
                depth += body.charAt(at) == '(' ? 1 : body.charAt(at) == ')' ? -1 : 0;
                at++;
            } while (depth > 0);
        }
        return rest.append(body.substring(at)).toString();
    }
}
