package dev.holdfast.cli;

import dev.holdfast.SettingsReader;
import dev.holdfast.ledger.DeadLetter;
import dev.holdfast.ledger.DeadLetterBook;
import dev.holdfast.ledger.Found;
import dev.holdfast.reservation.SaleId;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists ledger entries that could not be recorded. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "List the dead letters that wait, the latest first.")
final class ListDeadLetters implements Callable<Integer> {

    private static final int AT_ONCE = 100;

    private final Map<String, String> environment;

    @Option(
            names = "--sale",
            paramLabel = "<sale>",
            converter = SaleIdConverter.class,
            description = "Of this sale only.")
    private @Nullable SaleId saleId;

    @Option(names = "--all", description = "Replayed and discarded ones too.")
    private boolean all;

    @Spec
    private CommandSpec spec;

    ListDeadLetters(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        String postgresUri = SettingsReader.readPostgresUri(environment);
        PrintWriter out = spec.commandLine().getOut();
        var query = new DeadLetterBook.Query(saleId, all ? null : DeadLetter.State.WAITING);
        try (Servers servers = Servers.open(postgresUri)) {
            DeadLetterBook letters = servers.letters();
            Found<DeadLetter, Long> page = letters.find(query, null, AT_ONCE).await();
            page.items().forEach(letter -> print(letter, out));
            while (page.next() != null) {
                page = letters.find(query, page.next(), AT_ONCE).await();
                page.items().forEach(letter -> print(letter, out));
            }
        }
        return 0;
    }

    private static void print(DeadLetter letter, PrintWriter out) {
        out.println("Dead letter " + letter.id() + ", "
                + letter.state().name().toLowerCase(Locale.ROOT) + ": " + letter.saleId() + " at " + letter.place()
                + (letter.stopsTheLane() ? ", stops the sale" : ""));
        out.println("  " + Instant.ofEpochMilli(letter.atMs()) + ": " + letter.problem());
        out.println("  " + letter.entry());
        DeadLetter.Settlement settlement = letter.settlement();
        if (settlement != null) {
            out.println("  Settled " + Instant.ofEpochMilli(settlement.atMs()) + " by " + settlement.by() + ": "
                    + settlement.reason());
        }
    }
}
