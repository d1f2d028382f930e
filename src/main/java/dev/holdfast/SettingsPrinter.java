package dev.holdfast;

import dev.holdfast.Settings.Keys;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Prints the settings for people to check, without giving a secret away. */
final class SettingsPrinter {
    private static final String HIDDEN = "***";

    /** The password of {@code scheme://user:password@host}. */
    private static final Pattern URI_PASSWORD = Pattern.compile("(?<=://)([^/@:]*):.*(?=@)");

    /** A password among the parameters. */
    private static final Pattern QUERY_PASSWORD = Pattern.compile("(?i)(?<=[?&])([a-z]*password)=[^&]*");

    private SettingsPrinter() {}

    /** Answers lines of {@code VARIABLE=value}. */
    static String print(Settings settings) {
        return """
                HOLDFAST_HOST=%s
                HOLDFAST_PORT=%d
                HOLDFAST_ADMIN_HOST=%s
                HOLDFAST_ADMIN_PORT=%d
                HOLDFAST_REDIS_URI=%s
                HOLDFAST_POSTGRES_URI=%s
                HOLDFAST_SECRET=%s
                HOLDFAST_CHECKOUT_KEYS=%s
                HOLDFAST_ADMIN_KEYS=%s
                HOLDFAST_PAYMENT_SECRETS=%s
                HOLDFAST_ALLOW_UNSAFE_REDIS=%s
                HOLDFAST_NEAR_CACHE_MS=%d
                HOLDFAST_MAX_WAITING_HOLDS=%d
                HOLDFAST_REDIS_RETENTION_HOURS=%d
                HOLDFAST_DETAIL_RETENTION_DAYS=%d
                HOLDFAST_LEDGER_BEHIND_MINUTES=%d
                HOLDFAST_DRAIN_SECONDS=%d
                """.formatted(
                settings.publicListener().host(),
                settings.publicListener().port(),
                settings.adminListener().host(),
                settings.adminListener().port(),
                withoutPassword(settings.redisUri()),
                withoutPassword(settings.postgresUri()),
                settings.secret().digests().stream().map(secret -> HIDDEN).collect(Collectors.joining(",")),
                names(settings.checkoutKeys()),
                names(settings.adminKeys()),
                settings.paymentSecrets().stream().map(secret -> HIDDEN).collect(Collectors.joining(",")),
                settings.allowUnsafeRedis(),
                settings.rush().nearCache().toMillis(),
                settings.rush().maxWaitingHolds(),
                settings.keeping().redis().toHours(),
                settings.keeping().details().toDays(),
                settings.keeping().ledgerBehind().toMinutes(),
                settings.drain().toSeconds());
    }

    private static String withoutPassword(String uri) {
        Matcher inAuthority = URI_PASSWORD.matcher(uri);
        return QUERY_PASSWORD
                .matcher(inAuthority.replaceFirst("$1:" + Matcher.quoteReplacement(HIDDEN)))
                .replaceAll("$1=" + Matcher.quoteReplacement(HIDDEN));
    }

    private static String names(Keys keys) {
        return keys.byName().keySet().stream()
                .sorted()
                .map(name -> name + ":" + HIDDEN)
                .collect(Collectors.joining(","));
    }
}
