package dev.holdfast.admin;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a file of SKUs, in our own layout or in that of Shopify's inventory, told apart by the first row. */
final class CatalogueReader {

    /** A sale's most SKUs, at a few locations each. */
    static final int MOST_ROWS = 50_000;

    /** Attributes included. */
    static final int MOST_COLUMNS = 128;

    private CatalogueReader() {}

    /** Takes a while: not to be called on an event loop. Throws {@link UnreadableCatalogue}. */
    static Catalogue read(byte[] file) {
        List<CsvText.Row> rows = CsvText.rows(file, MOST_ROWS);
        if (rows.isEmpty()) {
            throw new UnreadableCatalogue(
                    new ImportOutcome.Malformed("The file is empty: its first row must name the columns."));
        }
        List<String> header = rows.getFirst().cells();
        requireNames(header);
        List<CsvText.Row> below = rows.subList(1, rows.size());
        return ShopifyLayout.isOneOf(header)
                ? ShopifyLayout.of(header).read(below)
                : OwnLayout.of(header).read(below);
    }

    /** Throws {@link BadCell}: in a row of another length nobody knows which cell is which. */
    static void requireCells(CsvText.Row row, int columns) {
        if (row.cells().size() != columns) {
            throw new BadCell("it has " + row.cells().size() + " cells, and the first row has " + columns);
        }
    }

    static ImportReport.Line rejected(CsvText.Row row, int skuColumn, BadCell why) {
        String sku = skuColumn < row.cells().size() ? row.cells().get(skuColumn) : "";
        return new ImportReport.Line(
                row.number(), Cells.shown(sku), ImportReport.Result.REJECTED, String.valueOf(why.getMessage()));
    }

    static UnreadableCatalogue invalid(Map<String, String> details) {
        return new UnreadableCatalogue(new ImportOutcome.InvalidColumns(details));
    }

    private static void requireNames(List<String> header) {
        if (header.size() > MOST_COLUMNS) {
            throw invalid(Map.of(
                    Cells.shown(header.get(MOST_COLUMNS)),
                    "a file has at most " + MOST_COLUMNS + " columns; this one has " + header.size()));
        }
        Map<String, String> details = new LinkedHashMap<>();
        List<String> seen = new ArrayList<>();
        for (String name : header) {
            if (name.isEmpty()) {
                details.put(name, "column " + (seen.size() + 1) + " has no name");
            } else if (seen.contains(name)) {
                details.put(name, "is there more than once");
            }
            seen.add(name);
        }
        if (!details.isEmpty()) {
            throw invalid(details);
        }
    }
}
