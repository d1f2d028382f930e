package dev.holdfast.cli;

import dev.holdfast.SettingsReader;
import dev.holdfast.ledger.ApiKey;
import dev.holdfast.ledger.KeyBook;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists the keys that admins made. None of them is shown. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "List all keys that were made, newest first. The keys themselves are kept nowhere.")
final class ListKeys implements Callable<Integer> {

    private static final int AT_ONCE = 1_000;

    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec;

    ListKeys(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        String postgresUri = SettingsReader.readPostgresUri(environment);
        Table table = new Table("KEY", "NAME", "SCOPE", "STATE", "CREATED", "BY", "EXPIRES", "LAST USED");
        try (Servers servers = Servers.open(postgresUri)) {
            KeyBook book = servers.books().keys();
            long nowMs = System.currentTimeMillis();
            List<ApiKey> page = book.list(Long.MAX_VALUE, AT_ONCE).await();
            while (!page.isEmpty()) {
                page.forEach(key -> table.add(row(key, nowMs)));
                page = book.list(page.getLast().id(), AT_ONCE).await();
            }
        }
        table.print(spec.commandLine().getOut());
        return 0;
    }

    private static String[] row(ApiKey key, long nowMs) {
        return new String[] {
            Long.toString(key.id()),
            key.name(),
            key.scope().word(),
            key.state(nowMs).name().toLowerCase(Locale.ROOT),
            time(key.createdAtMs()),
            key.createdBy(),
            time(key.expiresAtMs()),
            time(key.lastUsedAtMs())
        };
    }

    private static String time(@Nullable Long ms) {
        return ms == null ? "never" : Instant.ofEpochMilli(ms).toString();
    }
}
