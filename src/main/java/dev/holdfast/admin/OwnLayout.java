package dev.holdfast.admin;

import dev.holdfast.reservation.Sku;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Our own layout: one row a SKU. A column that is not there leaves what is there; an empty cell clears it. */
final class OwnLayout {

    private static final Map<String, CatalogueColumn> COLUMNS = Arrays.stream(CatalogueColumn.values())
            .collect(Collectors.toMap(CatalogueColumn::header, column -> column));

    private final List<Function<String, RulesDraft.Edit>> readers = new ArrayList<>();
    private final int skuColumn;

    private OwnLayout(List<String> header) {
        skuColumn = header.indexOf(CatalogueColumn.SKU);
        Map<String, String> wrong = new LinkedHashMap<>();
        for (String name : header) {
            CatalogueColumn column = COLUMNS.get(name);
            if (column != null) {
                readers.add(column::read);
            } else if (isAttribute(name)) {
                readers.add(cell -> CatalogueColumn.readAttribute(attribute(name), cell));
            } else if (name.equals(CatalogueColumn.SKU)) {
                readers.add(cell -> draft -> {});
            } else {
                wrong.put(name, "is not a column of a catalogue");
            }
        }
        if (skuColumn < 0) {
            wrong.putIfAbsent(
                    CatalogueColumn.SKU, "is missing: columns are named in the first row, with commas between");
        }
        if (!wrong.isEmpty()) {
            throw CatalogueReader.invalid(wrong);
        }
    }

    /** Throws {@link UnreadableCatalogue} that names every column that is none, or is missing. */
    static OwnLayout of(List<String> header) {
        return new OwnLayout(header);
    }

    /** Of two rows for one SKU the second is rejected, whatever became of the first. */
    Catalogue read(List<CsvText.Row> rows) {
        List<Catalogue.Entry> entries = new ArrayList<>();
        List<ImportReport.Line> rejected = new ArrayList<>();
        Map<Sku, Integer> firstRows = new HashMap<>();
        for (CsvText.Row row : rows) {
            try {
                entries.add(entry(row, firstRows));
            } catch (BadCell bad) {
                rejected.add(CatalogueReader.rejected(row, skuColumn, bad));
            }
        }
        return new Catalogue(entries, rejected);
    }

    private Catalogue.Entry entry(CsvText.Row row, Map<Sku, Integer> firstRows) {
        CatalogueReader.requireCells(row, readers.size());
        Sku sku = new Sku(Cells.identifier(CatalogueColumn.SKU, row.cells().get(skuColumn)));
        Integer first = firstRows.putIfAbsent(sku, row.number());
        if (first != null) {
            throw new BadCell("row " + first + " is about the same SKU");
        }
        List<RulesDraft.Edit> edits = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (int i = 0; i < readers.size(); i++) {
            try {
                edits.add(readers.get(i).apply(row.cells().get(i)));
            } catch (BadCell bad) {
                problems.add(bad.getMessage());
            }
        }
        if (!problems.isEmpty()) {
            throw new BadCell(String.join("; ", problems));
        }
        return new Catalogue.Entry(sku, List.of(row.number()), edits);
    }

    private static boolean isAttribute(String column) {
        return column.startsWith(CatalogueColumn.ATTRIBUTE)
                && !attribute(column).isBlank()
                && attribute(column).length() <= StockDraft.LONGEST_ATTRIBUTE_NAME;
    }

    private static String attribute(String column) {
        return column.substring(CatalogueColumn.ATTRIBUTE.length());
    }
}
