package dev.holdfast.admin;

import dev.holdfast.reservation.Sku;
import java.util.List;

/**
 * What a file says, whatever its layout.
 *
 * @param entries each SKU once
 * @param rejected rows that say nothing that could be done
 */
record Catalogue(List<Entry> entries, List<ImportReport.Line> rejected) {

    /**
     * What the file says of one SKU.
     *
     * @param rows where it says so
     * @param edits what is to be put over what is there
     */
    record Entry(Sku sku, List<Integer> rows, List<RulesDraft.Edit> edits) {}
}
