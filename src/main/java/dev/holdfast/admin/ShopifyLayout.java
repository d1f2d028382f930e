package dev.holdfast.admin;

import dev.holdfast.reservation.Sku;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The inventory file of Shopify, older or newer: a row for each SKU at each location, whose available units are added up. Columns that
 * say nothing about a sale are passed over, because Shopify adds some every few years.
 */
final class ShopifyLayout {

    private static final String HANDLE = "Handle";
    private static final String SKU = "SKU";
    private static final String LOCATION = "Location";
    private static final String AVAILABLE = "Available";
    private static final String AVAILABLE_SINCE_2024 = "Available (not editable)";
    private static final String NOT_STOCKED = "not stocked";

    /** What a product without options has for one. */
    private static final String NO_OPTION = "Default Title";

    private static final int OPTIONS = 3;

    private final List<String> header;
    private final String available;

    private ShopifyLayout(List<String> header) {
        this.header = header;
        available = header.contains(AVAILABLE_SINCE_2024) ? AVAILABLE_SINCE_2024 : AVAILABLE;
        Map<String, String> missing = new LinkedHashMap<>();
        for (String name : List.of(SKU, available)) {
            if (!header.contains(name)) {
                missing.put(name, "is missing in what looks like Shopify's inventory");
            }
        }
        if (!missing.isEmpty()) {
            throw CatalogueReader.invalid(missing);
        }
    }

    /** Whether the first row is Shopify's and not ours. */
    static boolean isOneOf(List<String> header) {
        return header.contains(HANDLE) && !header.contains(CatalogueColumn.SKU);
    }

    /** Throws {@link UnreadableCatalogue} that names every column that is missing. */
    static ShopifyLayout of(List<String> header) {
        return new ShopifyLayout(header);
    }

    /** All rows of a SKU come to the same: with one of them wrong, the sum would be wrong. */
    Catalogue read(List<CsvText.Row> rows) {
        Map<String, List<Part>> bySku = new LinkedHashMap<>();
        List<ImportReport.Line> rejected = new ArrayList<>();
        for (CsvText.Row row : rows) {
            try {
                CatalogueReader.requireCells(row, header.size());
                String sku = Cells.identifier(SKU, cell(row, SKU));
                List<Part> parts = bySku.computeIfAbsent(sku, none -> new ArrayList<>());
                requireAnotherLocation(row, parts);
                parts.add(part(row));
            } catch (BadCell bad) {
                rejected.add(CatalogueReader.rejected(row, header.indexOf(SKU), bad));
            }
        }
        List<Catalogue.Entry> entries = new ArrayList<>();
        bySku.forEach((sku, parts) -> {
            try {
                entries.add(entry(new Sku(sku), parts));
            } catch (BadCell bad) {
                parts.forEach(part -> rejected.add(CatalogueReader.rejected(
                        part.row, header.indexOf(SKU), part.problem == null ? bad : new BadCell(part.problem))));
            }
        });
        return new Catalogue(entries, rejected);
    }

    /** A SKU at one location; units null where it is not stocked, problem null where nothing is wrong. */
    private record Part(
            CsvText.Row row, @Nullable Long units, @Nullable String problem) {}

    private Part part(CsvText.Row row) {
        try {
            return new Part(row, units(row), null);
        } catch (BadCell bad) {
            return new Part(row, null, bad.getMessage());
        }
    }

    private @Nullable Long units(CsvText.Row row) {
        String cell = cell(row, available);
        if (cell.toLowerCase(Locale.ROOT).equals(NOT_STOCKED)) {
            return null;
        }
        // Shopify goes below zero where it has sold more than there was.
        if (!cell.matches("-?[0-9]{1,12}")) {
            throw new BadCell(
                    available + " must be a whole number or \"" + NOT_STOCKED + "\", not " + Cells.quoted(cell));
        }
        return Long.valueOf(cell);
    }

    private void requireAnotherLocation(CsvText.Row row, List<Part> parts) {
        for (Part part : parts) {
            boolean sameVariant = cell(part.row, HANDLE).equals(cell(row, HANDLE))
                    && options(part.row).equals(options(row));
            if (!sameVariant || cell(part.row, LOCATION).equals(cell(row, LOCATION))) {
                throw new BadCell("row " + part.row.number() + " is about the same SKU"
                        + (sameVariant ? " at the same location" : " of another product or with other options"));
            }
        }
    }

    private Catalogue.Entry entry(Sku sku, List<Part> parts) {
        for (Part part : parts) {
            if (part.problem != null) {
                throw new BadCell("row " + part.row.number() + ", about the same SKU, is rejected");
            }
        }
        if (parts.stream().allMatch(part -> part.units == null)) {
            throw new BadCell("it is not stocked at any location of this file");
        }
        long units = parts.stream()
                .mapToLong(part -> part.units == null ? 0 : part.units)
                .sum();
        Long capacity = Cells.whole(available, Long.toString(units), 0, StockDraft.MOST_UNITS);
        CsvText.Row first = parts.getFirst().row;
        String productId = Cells.optionalIdentifier(HANDLE, cell(first, HANDLE));
        List<RulesDraft.Edit> edits = new ArrayList<>();
        edits.add(draft -> draft.capacity(capacity));
        edits.add(draft -> draft.productId(productId));
        options(first).forEach((name, text) -> edits.add(option(name, text)));
        return new Catalogue.Entry(
                sku, parts.stream().map(part -> part.row.number()).toList(), edits);
    }

    private static RulesDraft.Edit option(String name, String text) {
        String attribute = Cells.text("the name of an option", name, StockDraft.LONGEST_ATTRIBUTE_NAME);
        String value = Cells.text("option " + Cells.quoted(name), text, StockDraft.LONGEST_ATTRIBUTE);
        return draft -> draft.attribute(attribute, value);
    }

    /** Values by names; a name that the file does not give is that of the column. */
    private Map<String, String> options(CsvText.Row row) {
        Map<String, String> options = new LinkedHashMap<>();
        for (int i = 1; i <= OPTIONS; i++) {
            String name = cell(row, "Option" + i + " Name");
            String value = cell(row, "Option" + i + " Value");
            if (!value.isEmpty() && !value.equals(NO_OPTION)) {
                options.merge(name.isEmpty() ? "Option" + i : name, value, (one, other) -> one + " / " + other);
            }
        }
        return options;
    }

    /** Empty where there is no such column. */
    private String cell(CsvText.Row row, String column) {
        int at = header.indexOf(column);
        return at < 0 ? "" : row.cells().get(at);
    }
}
