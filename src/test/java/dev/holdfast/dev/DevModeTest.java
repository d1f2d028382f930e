package dev.holdfast.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dev mode as a person starts it: a program of its own, ended by signals. */
class DevModeTest {
    private static final Pattern COMMAND = Pattern.compile("(?m)^  ((SALE=|ID=|curl |until |psql ).*)$");
    private static final Pattern RESERVATION_ID = Pattern.compile("\"reservationId\":\"([^\"]+)\"");

    @TempDir
    Path folder;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void endWhatATestLeft() {
        started.forEach(Process::destroy);
        await().until(() -> started.stream().noneMatch(Process::isAlive));
    }

    @Test
    void theLinesOfTheBannerWorkWhenPasted() throws Exception {
        Program dev = start("one", Map.of());

        String pasted = run(dev.commands());

        assertThat(pasted)
                .contains("\"state\":\"held\"")
                .contains("\"state\":\"confirmed\"")
                .containsAnyOf("(1 row)", "\"balanced\":true")
                .doesNotContain("problem");
        assertThat(pasted.lines().toList().getLast()).doesNotContain("error");
    }

    @Test
    void theBannerTellsHowLongTheStartTook() throws Exception {
        Program dev = start("one", Map.of());

        assertThat(dev.output())
                .containsPattern("(?m)^ready in \\d+\\.\\d s \\(servers \\d+\\.\\d s, service \\d+\\.\\d s\\)$");
    }

    @Test
    void anOrderlyEndLeavesNoServerAndNoFolder() throws Exception {
        Program dev = start("one", Map.of());
        Path data = dev.dataFolder();
        assertThat(processesNaming(data)).isNotEmpty();

        dev.process().destroy();

        assertThat(dev.process().waitFor()).isZero();
        assertThat(dev.output()).endsWith("Stopped.\n");
        assertThat(processesNaming(data)).isEmpty();
        assertThat(data).doesNotExist();
    }

    @Test
    void whoeverAsksTwiceDoesNotWaitAndNothingIsLeftAllTheSame() throws Exception {
        Program dev = start("one", Map.of());
        Path data = dev.dataFolder();
        // An end in order waits for a PostgreSQL that stands still.
        signal("STOP", postmaster(data));

        await().until(() -> {
            dev.process().destroy();
            return !dev.process().isAlive();
        });

        assertThat(dev.process().exitValue()).isEqualTo(130);
        assertThat(dev.output()).endsWith("Stopped at once.\n");
        assertThat(processesNaming(data)).isEmpty();
        assertThat(data).doesNotExist();
    }

    @Test
    void twoAtATimeTakeDifferentPortsAndLeaveEachOtherAlone() throws Exception {
        Program first = start("one", Map.of());

        Program second = start("two", Map.of());
        second.process().destroy();
        assertThat(second.process().waitFor()).isZero();

        assertThat(second.commands().getFirst())
                .startsWith("SALE=")
                .isNotEqualTo(first.commands().getFirst());
        assertThat(run(first.commands())).contains("\"state\":\"confirmed\"");
    }

    @Test
    void aKilledOneLeavesServersThatTheNextEndsAndDataThatTheNextKeeps() throws Exception {
        Path data = folder.resolve("data");
        Map<String, String> kept = Map.of("HOLDFAST_DATA_DIR", data.toString());
        Program first = start("one", kept);
        String id = firstMatch(RESERVATION_ID, run(first.commands()));
        List<Long> leftovers = processesNaming(data);
        first.process().destroyForcibly().waitFor();
        assertThat(processesNaming(data)).containsAll(leftovers);

        Program second = start("two", kept);

        assertThat(processesNaming(data)).isNotEmpty().doesNotContainAnyElementsOf(leftovers);
        String found = run(List.of(second.commands().getFirst(), "curl -s $SALE/reservations/" + id + " -H \"$KEY\""));
        assertThat(found).contains("\"state\":\"confirmed\"");
    }

    @Test
    void aDataFolderInUseIsSaidInOneLine() throws Exception {
        DataFolder inUse = DataFolder.kept(folder.resolve("data")).orElseThrow();

        Program dev = launch("one", Map.of("HOLDFAST_DATA_DIR", inUse.path().toString()));

        assertThat(dev.process().waitFor()).isEqualTo(78);
        assertThat(dev.output()).isEqualTo("HOLDFAST_DATA_DIR: " + inUse.path() + " is in use by another dev mode\n");
        inUse.close();
    }

    @Test
    void itEndsWhenTheProgramThatStartedItIsKilled() throws Exception {
        String javaCommand = String.join(" ", javaCommand("-Dholdfast.dev.endWithParent=true"));
        // Not the last command of the shell, which would replace the shell by it.
        Program shell = launch("shell", List.of("bash", "-c", javaCommand + "; true"), Map.of());
        await().until(() -> shell.output().contains("Ctrl-C"));
        Path data = shell.dataFolder();
        ProcessHandle dev = shell.process().children().findFirst().orElseThrow();

        shell.process().destroyForcibly().waitFor();

        await().until(() -> processesNaming(data).isEmpty() && !Files.exists(data));
        await().until(() -> !dev.isAlive() || dev.info().commandLine().isEmpty());
    }

    private Program start(String name, Map<String, String> variables) throws IOException {
        Program program = launch(name, variables);
        await().until(() -> {
            assertThat(program.process().isAlive()).as(program.output()).isTrue();
            return program.output().contains("Ctrl-C");
        });
        return program;
    }

    private Program launch(String name, Map<String, String> variables) throws IOException {
        return launch(name, javaCommand(), variables);
    }

    private Program launch(String name, List<String> command, Map<String, String> variables) throws IOException {
        Path output = folder.resolve(name + ".out");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(variable -> variable.startsWith("HOLDFAST_"));
        builder.environment().putAll(variables);
        Process process = builder.start();
        started.add(process);
        return new Program(process, output);
    }

    private static List<String> javaCommand(String... options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of("-Dlogback.configurationFile=logback.xml", "--enable-native-access=ALL-UNNAMED", "-cp"));
        command.add(System.getProperty("java.class.path"));
        command.add(DevMode.class.getName());
        return command;
    }

    private static String run(List<String> commands) throws Exception {
        Process shell = new ProcessBuilder("bash", "-c", String.join("\n", commands))
                .redirectErrorStream(true)
                .start();
        String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(shell.waitFor()).as(output).isZero();
        return output;
    }

    private static List<Long> processesNaming(Path data) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains(data + "/"))
                .map(ProcessHandle::pid)
                .collect(Collectors.toList());
    }

    private static long postmaster(Path data) throws IOException {
        try (Stream<String> lines = Files.lines(data.resolve("postgres/data/postmaster.pid"))) {
            return Long.parseLong(lines.findFirst().orElseThrow().strip());
        }
    }

    private static void signal(String name, long pid) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(pid))
                        .start()
                        .waitFor())
                .isZero();
    }

    private static String firstMatch(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return matcher.group(1);
    }

    private record Program(Process process, Path file) {
        String output() {
            try {
                return Files.readString(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        List<String> commands() {
            return COMMAND.matcher(output())
                    .results()
                    .map(result -> result.group(1))
                    .toList();
        }

        Path dataFolder() {
            return Path.of(firstMatch(Pattern.compile("(?m)^data +([^,]+),"), output()));
        }
    }
}
