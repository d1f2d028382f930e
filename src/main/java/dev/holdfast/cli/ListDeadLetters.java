package dev.holdfast.cli;

import dev.holdfast.SettingsReader;
import dev.holdfast.ledger.DeadLetter;
import dev.holdfast.ledger.DeadLetterBook;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists ledger entries that could not be recorded. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "List the dead letters that wait, the latest first.")
final class ListDeadLetters implements Callable<Integer> {

    private final Map<String, String> environment;

    @Mixin
    private Listing listing;

    @Spec
    private CommandSpec spec;

    ListDeadLetters(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        String postgresUri = SettingsReader.readPostgresUri(environment);
        PrintWriter out = spec.commandLine().getOut();
        var query = new DeadLetterBook.Query(listing.saleId(), listing.onlyIn(DeadLetter.State.WAITING));
        try (Servers servers = Servers.open(postgresUri)) {
            DeadLetterBook letters = servers.letters();
            Listing.showAll(after -> letters.find(query, after, Listing.AT_ONCE), letter -> print(letter, out));
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
