package dev.holdfast;

import dev.holdfast.Settings.Keeping;
import dev.holdfast.Settings.Keys;
import dev.holdfast.Settings.Listener;
import dev.holdfast.Settings.Rush;
import dev.holdfast.reservation.Identifiers;
import dev.holdfast.reservation.Secrets;
import dev.holdfast.reservation.SoldOutBoard;
import java.time.Duration;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads the settings from the environment: README.md lists the variables. */
public final class SettingsReader {
    static final String HOST = "HOLDFAST_HOST";
    static final String PORT = "HOLDFAST_PORT";
    static final String ADMIN_HOST = "HOLDFAST_ADMIN_HOST";
    static final String ADMIN_PORT = "HOLDFAST_ADMIN_PORT";
    static final String REDIS_URI = "HOLDFAST_REDIS_URI";
    static final String POSTGRES_URI = "HOLDFAST_POSTGRES_URI";
    static final String SECRET = "HOLDFAST_SECRET";
    static final String CHECKOUT_KEYS = "HOLDFAST_CHECKOUT_KEYS";
    static final String ADMIN_KEYS = "HOLDFAST_ADMIN_KEYS";
    static final String PAYMENT_SECRETS = "HOLDFAST_PAYMENT_SECRETS";
    static final String ALLOW_UNSAFE_REDIS = "HOLDFAST_ALLOW_UNSAFE_REDIS";
    static final String NEAR_CACHE_MS = "HOLDFAST_NEAR_CACHE_MS";
    static final String MAX_WAITING_HOLDS = "HOLDFAST_MAX_WAITING_HOLDS";
    static final String REDIS_RETENTION_HOURS = "HOLDFAST_REDIS_RETENTION_HOURS";
    static final String DETAIL_RETENTION_DAYS = "HOLDFAST_DETAIL_RETENTION_DAYS";
    static final String LEDGER_BEHIND_MINUTES = "HOLDFAST_LEDGER_BEHIND_MINUTES";
    static final String DRAIN_SECONDS = "HOLDFAST_DRAIN_SECONDS";

    /** Read by dev mode only, and no mistake elsewhere. */
    static final String DATA_DIR = "HOLDFAST_DATA_DIR";

    private static final Set<String> KNOWN = Set.of(
            HOST,
            PORT,
            ADMIN_HOST,
            ADMIN_PORT,
            REDIS_URI,
            POSTGRES_URI,
            SECRET,
            CHECKOUT_KEYS,
            ADMIN_KEYS,
            PAYMENT_SECRETS,
            ALLOW_UNSAFE_REDIS,
            NEAR_CACHE_MS,
            MAX_WAITING_HOLDS,
            REDIS_RETENTION_HOURS,
            DETAIL_RETENTION_DAYS,
            LEDGER_BEHIND_MINUTES,
            DRAIN_SECONDS,
            DATA_DIR);
    private static final Set<String> READABLE_FROM_FILE = Set.of(SECRET, CHECKOUT_KEYS, ADMIN_KEYS, PAYMENT_SECRETS);

    private static final String LOOPBACK = "127.0.0.1";
    private static final int MIN_SECRET_LENGTH = 32;

    /** The one that is used, and the one that was before, or will be. */
    private static final int MOST_SECRETS = 2;

    private static final int MIN_KEY_LENGTH = 8;

    /** Any shorter and a forged webhook could be guessed; Standard Webhooks asks for 24 bytes and more. */
    private static final int MIN_PAYMENT_SECRET_BYTES = 24;

    private static final String PAYMENT_SECRET_PREFIX = "whsec_";
    private static final int MOST_RETENTION_DAYS = 365;
    private static final int MOST_BEHIND_MINUTES = 1_440;
    private static final int MOST_DRAIN_SECONDS = 300;

    /** Two looks of a load balancer that looks every two seconds. */
    private static final int DRAIN_USUALLY = 5;

    private static final int MAX_PORT = 65_535;
    private static final int MAX_NEAR_CACHE_MS = (int) SoldOutBoard.LONGEST.toMillis();
    private static final Pattern HOST_SYNTAX = Pattern.compile("[A-Za-z0-9.:_%-]+");

    /** What an Authorization header can carry as a Bearer token (RFC 6750, 2.1). */
    private static final Pattern KEY_SYNTAX = Pattern.compile("[A-Za-z0-9._~+/-]+=*");

    private static final Pattern LIST_SEPARATOR = Pattern.compile("\\s*[,\\n]\\s*");

    private final Environment environment;

    private SettingsReader(Environment environment) {
        this.environment = environment;
    }

    /**
     * Answers the settings that these variables describe.
     *
     * @throws Settings.Problem naming each HOLDFAST_ variable that is unknown, missing or wrong, a line for each
     */
    public static Settings read(Map<String, String> variables) {
        Environment environment = new Environment(variables);
        environment.refuseOthersThan(KNOWN, READABLE_FROM_FILE);
        Settings settings = new SettingsReader(environment).settings();
        environment.requireNoProblem();
        return settings;
    }

    /** The part that says where PostgreSQL is, for commands that need nothing else; throws as {@link #read} does. */
    public static String readPostgresUri(Map<String, String> variables) {
        return readPart(variables, reader -> reader.serverUri(POSTGRES_URI, ServerUri.POSTGRES));
    }

    /** The part that says where Redis is, for commands that need no more; throws as {@link #read} does. */
    public static String readRedisUri(Map<String, String> variables) {
        return readPart(variables, reader -> reader.serverUri(REDIS_URI, ServerUri.REDIS));
    }

    /** How long Redis keeps what has ended; throws as {@link #read} does. */
    public static Duration readRedisRetention(Map<String, String> variables) {
        return readPart(variables, SettingsReader::keeping).redis();
    }

    /** The part from which reservation ids are derived, for commands that need no more; throws as {@link #read} does. */
    public static Secrets readSecrets(Map<String, String> variables) {
        return Settings.secrets(readPart(variables, SettingsReader::secret));
    }

    /** How long PostgreSQL keeps the details of what is over; throws as {@link #read} does. */
    public static Duration readDetailRetention(Map<String, String> variables) {
        return readPart(variables, reader -> reader.keeping().details());
    }

    /** The names of all keys that are set, which may be none; throws as {@link #read} does. */
    public static Set<String> readKeyNames(Map<String, String> variables) {
        return readPart(
                variables,
                reader -> Stream.of(CHECKOUT_KEYS, ADMIN_KEYS)
                        .filter(reader.environment::mentions)
                        .flatMap(name -> reader.keys(name).byName().keySet().stream())
                        .collect(Collectors.toUnmodifiableSet()));
    }

    private static <T> T readPart(Map<String, String> variables, Function<SettingsReader, T> part) {
        Environment environment = new Environment(variables);
        environment.refuseOthersThan(KNOWN, READABLE_FROM_FILE);
        T read = part.apply(new SettingsReader(environment));
        environment.requireNoProblem();
        return read;
    }

    /** Answers the settings as lines of {@code VARIABLE=value}, secrets hidden. */
    public static String printed(Settings settings) {
        return SettingsPrinter.print(settings);
    }

    private Settings settings() {
        Listener publicListener = new Listener(host(HOST), port(PORT, 8080));
        Listener adminListener = new Listener(host(ADMIN_HOST), port(ADMIN_PORT, 8081));
        if (publicListener.port() != 0 && publicListener.equals(adminListener)) {
            environment.problem(ADMIN_PORT, "is the port of the public listener too");
        }
        String redisUri = serverUri(REDIS_URI, ServerUri.REDIS);
        String postgresUri = serverUri(POSTGRES_URI, ServerUri.POSTGRES);
        String secret = secret();
        Keys checkoutKeys = keys(CHECKOUT_KEYS);
        Keys adminKeys = keys(ADMIN_KEYS);
        refuseSharedKeys(checkoutKeys, adminKeys);
        return new Settings(
                publicListener,
                adminListener,
                redisUri,
                postgresUri,
                secret,
                checkoutKeys,
                adminKeys,
                paymentSecrets(),
                allowUnsafeRedis(),
                rush(),
                keeping(),
                Duration.ofSeconds(whole(DRAIN_SECONDS, "number of seconds", 0, MOST_DRAIN_SECONDS, DRAIN_USUALLY)));
    }

    private String host(String name) {
        String host = environment.value(name).orElse(LOOPBACK);
        if (!HOST_SYNTAX.matcher(host).matches()) {
            environment.problem(name, "not a host name or address: " + host);
        }
        return host;
    }

    private int port(String name, int otherwise) {
        return whole(name, "port", 0, MAX_PORT, otherwise);
    }

    /** A number of five digits at most. */
    private int whole(String name, String what, int least, int most, int otherwise) {
        Optional<String> value = environment.value(name);
        if (value.isEmpty()) {
            return otherwise;
        }
        String digits = value.get();
        if (!digits.matches("[0-9]{1,5}") || Integer.parseInt(digits) < least || Integer.parseInt(digits) > most) {
            environment.problem(name, "not a " + what + " (" + least + " to " + most + "): " + digits);
            return otherwise;
        }
        return Integer.parseInt(digits);
    }

    private String serverUri(String name, ServerUri kind) {
        Optional<String> uri = environment.value(name);
        if (uri.isEmpty()) {
            requireMentioned(name, "required, as in " + kind.example());
            return "";
        }
        kind.problemOf(uri.get()).ifPresent(problem -> environment.problem(name, problem));
        return uri.get();
    }

    /** One secret, or two with a comma between them. */
    private String secret() {
        Optional<String> value = environment.valueOrFile(SECRET);
        if (value.isEmpty()) {
            requireMentioned(SECRET, "required: at least " + MIN_SECRET_LENGTH + " characters, the same on all nodes");
            return "";
        }
        List<String> secrets = split(value.get()).toList();
        for (int i = 0; i < secrets.size(); i++) {
            int length = secrets.get(i).length();
            if (length < MIN_SECRET_LENGTH) {
                String which = secrets.size() == 1 ? "" : "entry " + (i + 1) + " ";
                environment.problem(
                        SECRET, which + "has " + length + " characters, needs at least " + MIN_SECRET_LENGTH);
            }
        }
        if (secrets.size() > MOST_SECRETS) {
            environment.problem(
                    SECRET, "has " + secrets.size() + " entries: the new secret and the old one are the most");
        } else if (secrets.size() == MOST_SECRETS && secrets.getFirst().equals(secrets.getLast())) {
            environment.problem(SECRET, "both entries are the same");
        }
        return String.join(",", secrets);
    }

    private Keys keys(String name) {
        Map<String, String> byName = new LinkedHashMap<>();
        Optional<String> value = environment.valueOrFile(name);
        if (value.isEmpty()) {
            requireMentioned(name, "required, as in shop:a-long-random-key");
        }
        List<String> entries = value.stream().flatMap(SettingsReader::split).toList();
        for (int i = 0; i < entries.size(); i++) {
            String[] parts = entries.get(i).split(":", 2);
            if (parts.length < 2 || !Identifiers.isIdentifier(parts[0])) {
                // The entry itself may be a key without its name, so it is not shown.
                environment.problem(name, "entry " + (i + 1) + " is not name:key");
            } else {
                addKey(name, byName, parts[0], parts[1]);
            }
        }
        return new Keys(byName);
    }

    private void addKey(String name, Map<String, String> byName, String keyName, String key) {
        if (key.length() < MIN_KEY_LENGTH) {
            environment.problem(
                    name,
                    "the key of " + keyName + " has " + key.length() + " characters, needs at least " + MIN_KEY_LENGTH);
        } else if (!KEY_SYNTAX.matcher(key).matches()) {
            environment.problem(
                    name, "the key of " + keyName + " may have letters, digits, and . _ ~ + / - only, then = signs");
        } else if (byName.containsValue(key)) {
            environment.problem(name, "the key of " + keyName + " has another name already");
        } else if (byName.putIfAbsent(keyName, key) != null) {
            environment.problem(name, "two keys are named " + keyName);
        }
    }

    /** A checkout's key that opened the admin API too would be found out by the first service that leaks it. */
    private void refuseSharedKeys(Keys checkoutKeys, Keys adminKeys) {
        Set<String> shared = new HashSet<>(checkoutKeys.byName().values());
        adminKeys.byName().entrySet().stream()
                .filter(admin -> shared.contains(admin.getValue()))
                .forEach(admin -> environment.problem(
                        ADMIN_KEYS, "the key of " + admin.getKey() + " is also in " + CHECKOUT_KEYS));
    }

    private List<String> paymentSecrets() {
        List<String> secrets = environment.valueOrFile(PAYMENT_SECRETS).stream()
                .flatMap(SettingsReader::split)
                .toList();
        for (int i = 0; i < secrets.size(); i++) {
            if (!isPaymentSecret(secrets.get(i))) {
                environment.problem(
                        PAYMENT_SECRETS,
                        "entry " + (i + 1) + " is not " + PAYMENT_SECRET_PREFIX + " and then base64 of at least "
                                + MIN_PAYMENT_SECRET_BYTES + " bytes");
            }
        }
        return secrets;
    }

    private static boolean isPaymentSecret(String text) {
        if (!text.startsWith(PAYMENT_SECRET_PREFIX)) {
            return false;
        }
        try {
            byte[] bytes = Base64.getDecoder().decode(text.substring(PAYMENT_SECRET_PREFIX.length()));
            return bytes.length >= MIN_PAYMENT_SECRET_BYTES;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private boolean allowUnsafeRedis() {
        String value = environment.value(ALLOW_UNSAFE_REDIS).orElse("false");
        if (!value.equals("true") && !value.equals("false")) {
            environment.problem(ALLOW_UNSAFE_REDIS, "neither true nor false: " + value);
        }
        return value.equals("true");
    }

    private Rush rush() {
        Rush usual = Rush.usual();
        int nearCacheMs = whole(NEAR_CACHE_MS, "number of ms", 0, MAX_NEAR_CACHE_MS, (int)
                usual.nearCache().toMillis());
        int maxWaitingHolds =
                whole(MAX_WAITING_HOLDS, "number of holds", 1, Rush.MOST_WAITING_HOLDS, usual.maxWaitingHolds());
        return new Rush(Duration.ofMillis(nearCacheMs), maxWaitingHolds);
    }

    private Keeping keeping() {
        Keeping usual = Keeping.usual();
        int hours = whole(REDIS_RETENTION_HOURS, "number of hours", 24, 24 * MOST_RETENTION_DAYS, (int)
                usual.redis().toHours());
        int days = whole(DETAIL_RETENTION_DAYS, "number of days", 1, MOST_RETENTION_DAYS, (int)
                usual.details().toDays());
        int minutes = whole(LEDGER_BEHIND_MINUTES, "number of minutes", 0, MOST_BEHIND_MINUTES, (int)
                usual.ledgerBehind().toMinutes());
        Keeping keeping = new Keeping(Duration.ofHours(hours), Duration.ofDays(days), Duration.ofMinutes(minutes));
        if (keeping.details().compareTo(keeping.redis()) < 0) {
            environment.problem(
                    DETAIL_RETENTION_DAYS,
                    "PostgreSQL would keep " + days + " days, and Redis " + hours + " hours, which is longer");
        }
        return keeping;
    }

    /** What is set badly has its problem noted already. */
    private void requireMentioned(String name, String problem) {
        if (!environment.mentions(name)) {
            environment.problem(name, problem);
        }
    }

    /** In a file, a line each is as good as commas. */
    private static Stream<String> split(String list) {
        return Stream.of(LIST_SEPARATOR.split(list.strip(), -1));
    }
}
