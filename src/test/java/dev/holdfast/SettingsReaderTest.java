package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.reservation.Secrets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsReaderTest {
    private static final String KEY = "0123456789abcdef";
    private static final String PAYMENT_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    @Test
    void whatIsNotSetTakesItsDefault() {
        Settings settings = SettingsReader.read(required());

        assertThat(settings.publicListener()).isEqualTo(new Settings.Listener("127.0.0.1", 8080));
        assertThat(settings.adminListener()).isEqualTo(new Settings.Listener("127.0.0.1", 8081));
        assertThat(settings.paymentSecrets()).isEmpty();
        assertThat(settings.allowUnsafeRedis()).isFalse();
        assertThat(settings.rush()).isEqualTo(new Settings.Rush(Duration.ofMillis(50), 1000));
        assertThat(settings.keeping())
                .isEqualTo(new Settings.Keeping(Duration.ofHours(24), Duration.ofDays(30), Duration.ofMinutes(10)));
    }

    @Test
    void everySettingIsRead() {
        Map<String, String> variables = required();
        variables.put("HOLDFAST_HOST", "0.0.0.0");
        variables.put("HOLDFAST_PORT", "9000");
        variables.put("HOLDFAST_ADMIN_HOST", "::1");
        variables.put("HOLDFAST_ADMIN_PORT", "0");
        variables.put("HOLDFAST_REDIS_URI", "rediss://:secret@redis.internal:6380/3");
        variables.put("HOLDFAST_CHECKOUT_KEYS", "shop:" + KEY + ", app:" + KEY + "g");
        variables.put("HOLDFAST_PAYMENT_SECRETS", PAYMENT_SECRET + "," + PAYMENT_SECRET);
        variables.put("HOLDFAST_ALLOW_UNSAFE_REDIS", "true");
        variables.put("HOLDFAST_NEAR_CACHE_MS", "0");
        variables.put("HOLDFAST_MAX_WAITING_HOLDS", "1300");
        variables.put("HOLDFAST_REDIS_RETENTION_HOURS", "48");
        variables.put("HOLDFAST_DETAIL_RETENTION_DAYS", "2");
        variables.put("HOLDFAST_LEDGER_BEHIND_MINUTES", "1440");
        variables.put("HOLDFAST_DRAIN_SECONDS", "300");
        variables.put("HOLDFAST_DATA_DIR", "anywhere");
        variables.put("HOLDFAST_TEST_REDIS_URI", "none of its business");
        variables.put("PATH", "/bin");

        Settings settings = SettingsReader.read(variables);

        assertThat(settings.publicListener()).isEqualTo(new Settings.Listener("0.0.0.0", 9000));
        assertThat(settings.adminListener()).isEqualTo(new Settings.Listener("::1", 0));
        assertThat(settings.redisUri()).isEqualTo("rediss://:secret@redis.internal:6380/3");
        assertThat(settings.checkoutKeys().byName()).isEqualTo(Map.of("shop", KEY, "app", KEY + "g"));
        assertThat(settings.paymentSecrets()).hasSize(2);
        assertThat(settings.allowUnsafeRedis()).isTrue();
        assertThat(settings.drain()).isEqualTo(Duration.ofMinutes(5));
        assertThat(settings.rush()).isEqualTo(new Settings.Rush(Duration.ZERO, 1300));
        assertThat(settings.keeping())
                .isEqualTo(new Settings.Keeping(Duration.ofDays(2), Duration.ofDays(2), Duration.ofDays(1)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HOLDFAST_REDIS_URI",
                "HOLDFAST_POSTGRES_URI",
                "HOLDFAST_SECRET",
                "HOLDFAST_CHECKOUT_KEYS",
                "HOLDFAST_ADMIN_KEYS"
            })
    void whatIsRequiredIsNamedWhenItIsMissing(String name) {
        Map<String, String> variables = required();
        variables.remove(name);

        String problem = problemOf(variables);

        assertThat(problem).startsWith(name + ": required").hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                HOLDFAST_PORT                | 65536                        | not a port (0 to 65535): 65536
                HOLDFAST_PORT                | -1                           | not a port (0 to 65535): -1
                HOLDFAST_PORT                | 0x50                         | not a port (0 to 65535): 0x50
                HOLDFAST_PORT                | ' 80'                        | not a port (0 to 65535):  80
                HOLDFAST_ADMIN_PORT          | http                         | not a port (0 to 65535): http
                HOLDFAST_ADMIN_PORT          | 8080                         | is the port of the public listener too
                HOLDFAST_HOST                | 'a b'                        | not a host name or address: a b
                HOLDFAST_ADMIN_HOST          | ''                           | is empty
                HOLDFAST_REDIS_URI           | ''                           | is empty
                HOLDFAST_REDIS_URI           | localhost:6379               | must start with redis:// or rediss://
                HOLDFAST_REDIS_URI           | http://localhost:6379        | must start with redis:// or rediss://
                HOLDFAST_REDIS_URI           | redis:///0                   | names no host, as in redis://host:6379
                HOLDFAST_REDIS_URI           | redis://h:0                  | not a port: 0
                HOLDFAST_REDIS_URI           | redis://h:6379/zero          | names no number of a database after the host
                HOLDFAST_REDIS_URI           | redis://a b                  | not a URI: Illegal character in authority
                HOLDFAST_POSTGRES_URI        | mysql://u:p@h/db             | must start with postgresql:// or postgres://
                HOLDFAST_POSTGRES_URI        | postgresql://h:5432/db       | names no user
                HOLDFAST_POSTGRES_URI        | postgresql://u:p@h:5432      | names no database
                HOLDFAST_POSTGRES_URI        | postgresql://u:p@h:99999/db  | not a port: 99999
                HOLDFAST_SECRET              | too-short                    | has 9 characters, needs at least 32
                HOLDFAST_CHECKOUT_KEYS       | 0123456789abcdefghi          | entry 1 is not name:key
                HOLDFAST_CHECKOUT_KEYS       | a:0123456789abcdefg,         | entry 2 is not name:key
                HOLDFAST_CHECKOUT_KEYS       | -a:0123456789abcdefg         | entry 1 is not name:key
                HOLDFAST_POSTGRES_URI        | postgresql://hf:pw@db/x?sslmode=bogus | has a parameter that the driver does not take, such as an unknown sslmode
                HOLDFAST_CHECKOUT_KEYS       | a:short                      | the key of a has 5 characters, needs at least 8
                HOLDFAST_CHECKOUT_KEYS       | a:0123456789 abcdefg         | the key of a may have letters, digits, and . _ ~ + / - only, then = signs
                HOLDFAST_ADMIN_KEYS          | a:a123456789abcdef,b:a123456789abcdef | the key of b has another name already
                HOLDFAST_ADMIN_KEYS          | a:a123456789abcdef,a:b123456789abcdef | two keys are named a
                HOLDFAST_ADMIN_KEYS          | boss:0123456789abcdef        | the key of boss is also in HOLDFAST_CHECKOUT_KEYS
                HOLDFAST_PAYMENT_SECRETS     | MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw | entry 1 is not whsec_ and then base64 of at least 24 bytes
                HOLDFAST_PAYMENT_SECRETS     | whsec_c2hvcnQ=               | entry 1 is not whsec_ and then base64 of at least 24 bytes
                HOLDFAST_ALLOW_UNSAFE_REDIS  | yes                          | neither true nor false: yes
                HOLDFAST_NEAR_CACHE_MS       | 1001                         | not a number of ms (0 to 1000): 1001
                HOLDFAST_NEAR_CACHE_MS       | -1                           | not a number of ms (0 to 1000): -1
                HOLDFAST_NEAR_CACHE_MS       | 50ms                         | not a number of ms (0 to 1000): 50ms
                HOLDFAST_NEAR_CACHE_MS       | ''                           | is empty
                HOLDFAST_MAX_WAITING_HOLDS   | 0                            | not a number of holds (1 to 1300): 0
                HOLDFAST_MAX_WAITING_HOLDS   | 1301                         | not a number of holds (1 to 1300): 1301
                HOLDFAST_MAX_WAITING_HOLDS   | 1e3                          | not a number of holds (1 to 1300): 1e3
                HOLDFAST_LEDGER_BEHIND_MINUTES | 1441                       | not a number of minutes (0 to 1440): 1441
                HOLDFAST_LEDGER_BEHIND_MINUTES | -1                         | not a number of minutes (0 to 1440): -1
                HOLDFAST_LEDGER_BEHIND_MINUTES | 10m                        | not a number of minutes (0 to 1440): 10m
                HOLDFAST_DRAIN_SECONDS       | 301                          | not a number of seconds (0 to 300): 301
                HOLDFAST_DRAIN_SECONDS       | 5s                           | not a number of seconds (0 to 300): 5s
                HOLDFAST_PROT                | 8080                         | no such setting
                HOLDFAST_PORT_FILE           | somewhere                    | no such setting
                HOLDFAST_SECRET_FILE         | nowhere                      | is set beside HOLDFAST_SECRET: only one of them can count
                """)
    void aBadValueStopsTheStartWithOneLineThatNamesIt(String name, String value, String problem) {
        Map<String, String> variables = required();
        variables.put(name, value);

        assertThat(problemOf(variables)).isEqualTo(name + ": " + problem);
    }

    @Test
    void everyProblemHasItsLine() {
        Map<String, String> variables = required();
        variables.put("HOLDFAST_PORT", "x");
        variables.put("HOLDFAST_SECRET", "x");
        variables.put("HOLDFAST_X", "x");

        assertThat(problemOf(variables).lines())
                .extracting(line -> line.substring(0, line.indexOf(':')))
                .containsExactlyInAnyOrder("HOLDFAST_PORT", "HOLDFAST_SECRET", "HOLDFAST_X");
    }

    @Test
    void keysAndSecretsMayStandInFiles(@TempDir Path folder) throws IOException {
        Map<String, String> variables = required();
        variables.remove("HOLDFAST_SECRET");
        variables.remove("HOLDFAST_CHECKOUT_KEYS");
        Path secret = Files.writeString(folder.resolve("secret"), "x".repeat(32) + "\n");
        Path keys = Files.writeString(folder.resolve("keys"), "shop:" + KEY + "\napp:" + KEY + "g\n");
        variables.put("HOLDFAST_SECRET_FILE", secret.toString());
        variables.put("HOLDFAST_CHECKOUT_KEYS_FILE", keys.toString());

        Settings settings = SettingsReader.read(variables);

        assertThat(settings.secret()).isEqualTo(Secrets.of("x".repeat(32)));
        assertThat(settings.checkoutKeys().byName()).containsOnlyKeys("shop", "app");
    }

    @Test
    void aFileThatCannotBeReadIsNamed(@TempDir Path folder) throws IOException {
        Map<String, String> variables = required();
        variables.remove("HOLDFAST_SECRET");
        variables.put("HOLDFAST_SECRET_FILE", folder.resolve("none").toString());

        String missing = problemOf(variables);
        Path empty = Files.writeString(folder.resolve("empty"), "\n");
        variables.put("HOLDFAST_SECRET_FILE", empty.toString());

        assertThat(missing).isEqualTo("HOLDFAST_SECRET_FILE: cannot read the file " + folder.resolve("none"));
        assertThat(problemOf(variables)).isEqualTo("HOLDFAST_SECRET_FILE: the file " + empty + " is empty");
    }

    @Test
    void aKeyIsKeptADayAtLeastAndDetailsAsLongAsKeys() {
        Map<String, String> variables = required();
        variables.put("HOLDFAST_REDIS_RETENTION_HOURS", "49");
        variables.put("HOLDFAST_DETAIL_RETENTION_DAYS", "2");
        Map<String, String> tooShort = required();
        tooShort.put("HOLDFAST_REDIS_RETENTION_HOURS", "23");

        assertThat(problemOf(variables))
                .isEqualTo(
                        "HOLDFAST_DETAIL_RETENTION_DAYS: PostgreSQL would keep 2 days, and Redis 49 hours, which is longer");
        assertThat(problemOf(tooShort))
                .isEqualTo("HOLDFAST_REDIS_RETENTION_HOURS: not a number of hours (24 to 8760): 23");
    }

    @Test
    void problemsAndPrintsGiveNoSecretAway() {
        Map<String, String> variables = required();
        variables.put("HOLDFAST_REDIS_URI", "redis://user:hush-redis@h:6379");
        variables.put("HOLDFAST_SECRET", "hush-secret-hush-secret-hush-secret");
        variables.put("HOLDFAST_CHECKOUT_KEYS", "shop:hush-checkout-key");
        variables.put("HOLDFAST_PAYMENT_SECRETS", PAYMENT_SECRET);
        variables.put("HOLDFAST_POSTGRES_URI", "postgresql://u:hush-postgres@h:5432/db?sslpassword=hush-tls&x=1");

        Settings settings = SettingsReader.read(variables);
        variables.put("HOLDFAST_REDIS_URI", "http://user:hush-redis@h");
        variables.put("HOLDFAST_POSTGRES_URI", "postgresql://u:hush postgres@h");

        assertThat(SettingsReader.printed(settings)).isEqualTo("""
                        HOLDFAST_HOST=127.0.0.1
                        HOLDFAST_PORT=8080
                        HOLDFAST_ADMIN_HOST=127.0.0.1
                        HOLDFAST_ADMIN_PORT=8081
                        HOLDFAST_REDIS_URI=redis://user:***@h:6379
                        HOLDFAST_POSTGRES_URI=postgresql://u:***@h:5432/db?sslpassword=***&x=1
                        HOLDFAST_SECRET=***
                        HOLDFAST_CHECKOUT_KEYS=shop:***
                        HOLDFAST_ADMIN_KEYS=ops:***
                        HOLDFAST_PAYMENT_SECRETS=***
                        HOLDFAST_ALLOW_UNSAFE_REDIS=false
                        HOLDFAST_NEAR_CACHE_MS=50
                        HOLDFAST_MAX_WAITING_HOLDS=1000
                        HOLDFAST_REDIS_RETENTION_HOURS=24
                        HOLDFAST_DETAIL_RETENTION_DAYS=30
                        HOLDFAST_LEDGER_BEHIND_MINUTES=10
                        HOLDFAST_DRAIN_SECONDS=5
                        """);
        assertThat(settings.toString()).doesNotContain("hush");
        assertThat(problemOf(variables)).doesNotContain("hush").hasLineCount(2);
    }

    private static String problemOf(Map<String, String> variables) {
        Settings.Problem problem = catchThrowableOfType(Settings.Problem.class, () -> SettingsReader.read(variables));
        return problem.getMessage();
    }

    private static Map<String, String> required() {
        return new HashMap<>(Map.of(
                "HOLDFAST_REDIS_URI",
                "redis://localhost:6379",
                "HOLDFAST_POSTGRES_URI",
                "postgresql://holdfast:hold@localhost:5432/holdfast",
                "HOLDFAST_SECRET",
                "s".repeat(32),
                "HOLDFAST_CHECKOUT_KEYS",
                "shop:" + KEY,
                "HOLDFAST_ADMIN_KEYS",
                "ops:" + KEY + "-ops"));
    }
}
