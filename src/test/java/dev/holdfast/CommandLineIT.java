package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.support.Api;
import dev.holdfast.support.TestServers;
import dev.holdfast.support.TestWait;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The production jar as a process: it ends by itself when it has done what it was told, and serves until it is told to end. */
class CommandLineIT {

    private static final String JAR = System.getProperty("holdfast.jar", "target/holdfast.jar");
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();
    private static final Pattern LISTENS =
            Pattern.compile("listens on \\S+:(\\d+) \\(public\\) and \\S+:(\\d+) \\(admin\\)");

    @TempDir
    private Path folder;

    @Test
    void theVersionIsTold() throws Exception {
        Process process = start(Map.of(), "version");

        assertThat(process.waitFor()).isZero();
        assertThat(out()).startsWith("Holdfast ");
    }

    @Test
    void whatIsNoCommandEndsTheProcess() throws Exception {
        Process process = start(Map.of(), "sell");

        assertThat(process.waitFor()).isEqualTo(2);
        assertThat(err()).hasLineCount(1);
    }

    @Test
    void withoutSettingsNothingIsServed() throws Exception {
        Process process = start(Map.of());

        assertThat(process.waitFor()).isEqualTo(78);
        assertThat(err()).contains("HOLDFAST_REDIS_URI");
    }

    @Test
    void aNodeServesWithTheKeyOfTheCommandLineAndIsAudited() throws Exception {
        Map<String, String> environment = Map.of(
                "HOLDFAST_PORT", "0",
                "HOLDFAST_ADMIN_PORT", "0",
                "HOLDFAST_REDIS_URI", TestServers.redisUri(),
                "HOLDFAST_POSTGRES_URI", TestServers.freshDatabase(),
                "HOLDFAST_ALLOW_UNSAFE_REDIS", "true",
                "HOLDFAST_SECRET", "a-secret-of-32-characters-or-more",
                "HOLDFAST_CHECKOUT_KEYS", "shop:a-key-of-a-shop",
                "HOLDFAST_ADMIN_KEYS", "ops:a-key-of-an-admin");
        assertThat(start(environment, "migrate").waitFor()).isZero();
        assertThat(start(environment, "keys", "create", "console", "--scope", "admin")
                        .waitFor())
                .isZero();
        String key = out().strip();

        Process node = start(environment);
        await().until(() -> err().contains("listens on"));
        Matcher ports = LISTENS.matcher(err());
        assertThat(ports.find()).isTrue();
        Api api = new Api(uri(ports.group(1)), uri(ports.group(2)), "a-key-of-a-shop", key);
        String sale = "jar-" + ProcessHandle.current().pid();
        int made = api.putSale(sale, false).status();
        api.putStock(sale, "A", 10).must(201);
        int audited = start(environment, "audit", sale).waitFor();
        String table = out();
        node.destroy();
        boolean ended = node.waitFor(TestWait.LIMIT.toSeconds(), TimeUnit.SECONDS);

        assertThat(made).isEqualTo(201);
        assertThat(audited).isZero();
        assertThat(table).contains("A ", "PostgreSQL", "balanced.");
        assertThat(ended).isTrue();
    }

    /** What it prints takes the place of what the process before it printed. */
    private Process start(Map<String, String> environment, String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(JAVA, "-jar", JAR));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile());
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("HOLDFAST_") || name.equals("JAVA_TOOL_OPTIONS"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    private String out() {
        return read("out");
    }

    private String err() {
        return read("err");
    }

    private String read(String file) {
        try {
            return Files.readString(folder.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static URI uri(String port) {
        return URI.create("http://127.0.0.1:" + port);
    }
}
