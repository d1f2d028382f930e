package dev.holdfast.cli;

import dev.holdfast.SettingsReader;
import dev.holdfast.ledger.AuditReport;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.StockCount;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Has a sale's books compared, and prints both sides. The node that records the sale compares them: a command that recorded what it
 * finds could be of an older version than the nodes are, and would put aside for ever what it does not understand.
 */
@Command(
        name = "audit",
        mixinStandardHelpOptions = true,
        description = "Compare Redis and PostgreSQL at one position of the sale's ledger. A node must be running. "
                + "Exit code 0: balanced; 1: not balanced, or not compared.")
final class Audit implements Callable<Integer> {

    private final Map<String, String> environment;

    @Parameters(paramLabel = "<sale>", converter = SaleIdConverter.class, description = "The sale's id.")
    private SaleId saleId;

    @Spec
    private CommandSpec spec;

    Audit(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        String redisUri = SettingsReader.readRedisUri(environment);
        String postgresUri = SettingsReader.readPostgresUri(environment);
        AuditReport report;
        try (Servers servers = Servers.open(postgresUri)) {
            report = servers.onLanes(redisUri, lanes -> lanes.auditor().audit(saleId))
                    .orElseThrow(() -> new IllegalStateException("there is no sale " + saleId));
        }
        print(report, spec.commandLine().getOut());
        return report.balanced() ? 0 : Commands.EXIT_FAILURE;
    }

    private void print(AuditReport report, PrintWriter out) {
        Table table = new Table("SKU", "BOOKS", "CAPACITY", "AVAILABLE", "HELD", "SOLD", "VERSION", "DRIFT");
        for (AuditReport.Item item : report.items()) {
            String drift = Long.toString(item.drift());
            table.add(row(item.sku().value(), "Redis", item.redis(), drift));
            table.add(row("", "PostgreSQL", item.postgres(), ""));
        }
        table.print(out);
        out.println("Sale " + saleId + " at " + report.position() + ": "
                + (report.balanced() ? "balanced." : "NOT BALANCED."));
    }

    private static String[] row(String sku, String books, @Nullable StockCount count, String drift) {
        return count == null
                ? new String[] {sku, books, "-", "-", "-", "-", "-", drift}
                : new String[] {
                    sku,
                    books,
                    Long.toString(count.capacity()),
                    Long.toString(count.available()),
                    Long.toString(count.held()),
                    Long.toString(count.sold()),
                    Long.toString(count.version()),
                    drift
                };
    }
}
