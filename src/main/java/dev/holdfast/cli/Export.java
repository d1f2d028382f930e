package dev.holdfast.cli;

import dev.holdfast.SettingsReader;
import dev.holdfast.admin.ExportOutcome;
import dev.holdfast.admin.StockExport;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.buffer.Buffer;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
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

    private final Map<String, String> environment;

    @Parameters(paramLabel = "<sale>", converter = SaleIdConverter.class, description = "The sale's id.")
    private SaleId saleId;

    @Spec
    private CommandSpec spec;

    Export(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        String postgresUri = SettingsReader.readPostgresUri(environment);
        try (Servers servers = Servers.open(postgresUri)) {
            Buffer file = written(new StockExport(servers.vertx(), servers.books())
                    .run(saleId)
                    .await());
            PrintWriter out = spec.commandLine().getOut();
            out.print(file.toString(StandardCharsets.UTF_8));
            out.flush();
        }
        return 0;
    }

    private Buffer written(ExportOutcome outcome) {
        return switch (outcome) {
            case ExportOutcome.Exported exported -> exported.csv();
            case ExportOutcome.TooMuch much -> throw new IllegalStateException(much.detail());
            case ExportOutcome.NoSuchSale none -> throw new IllegalStateException("there is no sale " + saleId);
        };
    }
}
