package dev.holdfast.admin;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.SaleBook;
import dev.holdfast.ledger.SkuBook;
import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.SkuRules;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Writes the SKUs of a sale into a file that {@link StockImport} reads: imported into the same sale, it changes nothing. */
public final class StockExport {

    /** Characters; four times what an import takes, so that only what nobody can bring back is refused. */
    private static final int LONGEST_FILE = 32 * 1024 * 1024;

    private static final int SKUS_A_PAGE = 500;

    private final Vertx vertx;
    private final SaleBook sales;
    private final SkuBook skus;

    /** Reads PostgreSQL only. */
    public StockExport(Vertx vertx, Books books) {
        this.vertx = vertx;
        this.sales = books.sales();
        this.skus = books.skus();
    }

    /** By the names of the SKUs. Fails with {@link dev.holdfast.reservation.Unavailable}. */
    public Future<ExportOutcome> run(SaleId saleId) {
        return sales.find(saleId)
                .compose(listed -> listed.isEmpty()
                        ? Future.succeededFuture(new ExportOutcome.NoSuchSale())
                        : all(saleId).compose(this::written));
    }

    private Future<List<SkuRules>> all(SaleId saleId) {
        List<SkuRules> all = new ArrayList<>();
        return AsyncLoop.whileTrue(() -> skus.page(
                                saleId, all.isEmpty() ? "" : all.getLast().sku().value(), SKUS_A_PAGE)
                        .map(page -> {
                            all.addAll(page);
                            return page.size() == SKUS_A_PAGE;
                        }))
                .map(done -> all);
    }

    private Future<ExportOutcome> written(List<SkuRules> all) {
        return vertx.executeBlocking(() -> write(all)).map(Objects::requireNonNull);
    }

    private static ExportOutcome write(List<SkuRules> all) {
        Set<String> attributes = new LinkedHashSet<>();
        all.forEach(rules -> attributes.addAll(rules.attributes().keySet()));
        List<String> header = header(attributes);
        if (header.size() > CatalogueReader.MOST_COLUMNS) {
            return new ExportOutcome.TooMuch("The SKUs have " + attributes.size()
                    + " different attributes, and each is a column: a file has at most "
                    + CatalogueReader.MOST_COLUMNS + " columns.");
        }
        var text = new StringWriter();
        try (CsvWriter csv =
                CsvWriter.builder().lineDelimiter(LineDelimiter.CRLF).build(text)) {
            csv.writeRecord(header);
            for (SkuRules rules : all) {
                csv.writeRecord(cells(rules, attributes));
                csv.flush();
                if (text.getBuffer().length() > LONGEST_FILE) {
                    return new ExportOutcome.TooMuch("The file would be longer than " + LONGEST_FILE + " characters.");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write CSV to memory", e);
        }
        return new ExportOutcome.Exported(Buffer.buffer(text.toString()));
    }

    private static List<String> header(Set<String> attributes) {
        List<String> header = new ArrayList<>();
        header.add(CatalogueColumn.SKU);
        for (CatalogueColumn column : CatalogueColumn.values()) {
            header.add(column.header());
        }
        attributes.forEach(name -> header.add(CatalogueColumn.ATTRIBUTE + name));
        return header;
    }

    private static List<String> cells(SkuRules rules, Set<String> attributes) {
        List<String> cells = new ArrayList<>();
        cells.add(rules.sku().value());
        for (CatalogueColumn column : CatalogueColumn.values()) {
            cells.add(column.write(rules));
        }
        for (String name : attributes) {
            cells.add(FormulaGuard.guarded(rules.attributes().getOrDefault(name, "")));
        }
        return cells;
    }
}
