package dev.holdfast.cli;

import dev.holdfast.SettingsReader;
import dev.holdfast.ledger.Books;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints a sale's SKUs as the file that an import reads. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = "Print the SKUs of a sale as CSV. Needs HOLDFAST_POSTGRES_URI only; no node has to run.")
final class Export implements Callable<Integer> {

    /** Writes the file; empty if there is no such sale. */
    @FunctionalInterface
    interface Writer {
        Future<Optional<Buffer>> write(Vertx vertx, Books books, SaleId saleId);
    }

    private final Map<String, String> environment;
    private final Writer writer;

    @Parameters(paramLabel = "<sale>", converter = SaleIdConverter.class, description = "The sale's id.")
    private SaleId saleId;

    @Spec
    private CommandSpec spec;

    Export(Map<String, String> environment, Writer writer) {
        this.environment = environment;
        this.writer = writer;
    }

    @Override
    public Integer call() {
        String postgresUri = SettingsReader.readPostgresUri(environment);
        try (Servers servers = Servers.open(postgresUri)) {
            Buffer file = writer.write(servers.vertx(), servers.books(), saleId)
                    .await()
                    .orElseThrow(() -> new IllegalStateException("there is no sale " + saleId));
            PrintWriter out = spec.commandLine().getOut();
            out.print(file.toString(StandardCharsets.UTF_8));
            out.flush();
        }
        return 0;
    }
}
