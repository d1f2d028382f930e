package dev.holdfast.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a file says, row by row, and which files say nothing. */
class CatalogueReaderTest {

    @Test
    void everyColumnComesIntoTheRulesOfANewSku() {
        Catalogue catalogue = read("""
                sku,capacity,product_id,price,per_customer_limit,low_stock_threshold,reorder_quantity,attribute:size,attribute:colour
                A,10,dress,4999,2,3,50,M,red
                """);

        assertThat(rules(catalogue, "A", null))
                .isEqualTo(new SkuRules(
                        new Sku("A"), 10, "dress", Map.of("size", "M", "colour", "red"), 4_999L, 2, 3L, 50L, 0));
        assertThat(catalogue.rejected()).isEmpty();
    }

    @Test
    void aColumnThatIsNotThereLeavesWhatIsThereAndAnEmptyCellClearsIt() {
        SkuRules before =
                new SkuRules(new Sku("A"), 10, "dress", Map.of("size", "M", "colour", "red"), 4_999L, 2, 3L, 50L, 7);

        assertThat(rules(read("sku\nA"), "A", before)).isEqualTo(before);
        assertThat(rules(
                        read(
                                "sku,capacity,product_id,price,per_customer_limit,low_stock_threshold,reorder_quantity,attribute:size\nA,,,,,,,"),
                        "A",
                        before))
                .isEqualTo(new SkuRules(new Sku("A"), 10, null, Map.of("colour", "red"), null, 0, null, null, 7));
    }

    @Test
    void rowsAreNumberedAsInASpreadsheetWhateverTheirLines() {
        Catalogue catalogue =
                read("sku,capacity,attribute:note\r\nA,1,\"two\r\nlines\"\r\n\r\nB,x,\r\n\"C\",2,\"a \"\"b\"\", c\"");

        assertThat(catalogue.entries()).extracting(Catalogue.Entry::rows).containsExactly(List.of(2), List.of(5));
        assertThat(catalogue.rejected()).extracting(ImportReport.Line::row).containsExactly(4);
        assertThat(rules(catalogue, "A", null).attributes()).containsEntry("note", "two\r\nlines");
        assertThat(rules(catalogue, "C", null).attributes()).containsEntry("note", "a \"b\", c");
    }

    @Test
    void whatExcelPutsBeforeUtf8IsNoPartOfTheFirstName() {
        assertThat(read("\uFEFFsku,capacity\nA,1").entries()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "A,1000000000000,,, | capacity must be a whole number from 0 to 1000000000, not \"1000000000000\"",
                "A,-1,,, | capacity must",
                "A,1.5,,, | capacity must",
                "A,nan,,, | capacity must",
                "A,0x10,,, | capacity must",
                "A,1e3,,, | capacity must",
                "A,~ 1~,,, | capacity must",
                "A,99999999999999999999,,, | capacity must",
                "A,1,a b,, | product_id \"a b\" is not possible here",
                "A,1,,49.99, | price must",
                "A,1,,,0 | per_customer_limit must",
                "A,x,,y, | ; price must",
                "~ A~,1,,, | sku \" A\" is not possible here",
                "=1,1,,, | sku \"=1\" is not possible here",
                "~~,1,,, | sku is empty",
                "A,1,, | it has 4 cells, and the first row has 5",
                "A,1,,,,, | it has 7 cells, and the first row has 5"
            })
    void aRowThatCannotBeIsRejectedAndNoOther(String row, String reason) {
        Catalogue catalogue =
                read("sku,capacity,product_id,price,per_customer_limit\n" + row.replace('~', '"') + "\nB,1,,,\n");

        assertThat(catalogue.entries()).extracting(Catalogue.Entry::sku).containsExactly(new Sku("B"));
        assertThat(catalogue.rejected()).singleElement().satisfies(line -> {
            assertThat(line.row()).isEqualTo(2);
            assertThat(line.reason()).contains(reason);
        });
    }

    @Test
    void ofTwoRowsForOneSkuTheSecondIsRejectedWhateverBecameOfTheFirst() {
        Catalogue catalogue = read("sku,capacity\nA,1\nA,2\nB,x\nB,1\n");

        assertThat(catalogue.entries()).extracting(Catalogue.Entry::sku).containsExactly(new Sku("A"));
        assertThat(catalogue.rejected())
                .extracting(ImportReport.Line::row, ImportReport.Line::reason)
                .contains(tuple(3, "row 2 is about the same SKU"), tuple(5, "row 4 is about the same SKU"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sku,capacity,colour | colour",
                "SKU,capacity | SKU",
                "sku,capacity,sku | sku",
                "sku,, | ''",
                "capacity | sku",
                "sku;capacity | sku;capacity",
                "A,10 | A",
                "sku,attribute: | attribute:",
                "Handle,Available | SKU",
                "Handle,SKU | Available",
                "Handle,SKU,Berlin | Available"
            })
    void aColumnThatIsNoneOrIsMissingIsNamed(String header, String column) {
        ImportOutcome outcome = failure((header + "\nA,1,2").getBytes(StandardCharsets.UTF_8));

        assertThat(outcome).isInstanceOf(ImportOutcome.InvalidColumns.class);
        assertThat(((ImportOutcome.InvalidColumns) outcome).details()).containsKey(column);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sku,capacity\nA,\"1",
                "sku,capacity\nA,\"1\"0\n",
                "sku\n\"",
                "sku,capacity\n\"A\"\"\n,1",
                "",
                "\n\n",
                "sku\nA\0"
            })
    void whatIsNoCsvIsMalformed(String file) {
        assertThat(failure(file.getBytes(StandardCharsets.UTF_8))).isInstanceOf(ImportOutcome.Malformed.class);
    }

    @Test
    void whatIsNotUtf8IsMalformedAndTheLineIsTold() {
        String file = "sku,attribute:size\nA,M\nB,Größe\n";

        assertThat(failure(file.getBytes(StandardCharsets.ISO_8859_1)))
                .isInstanceOfSatisfying(
                        ImportOutcome.Malformed.class,
                        malformed -> assertThat(malformed.detail()).contains("Line 3"));
        assertThat(failure(file.getBytes(StandardCharsets.UTF_16))).isInstanceOf(ImportOutcome.Malformed.class);
        assertThat(failure(file.getBytes(StandardCharsets.UTF_16LE))).isInstanceOf(ImportOutcome.Malformed.class);
    }

    @Test
    void moreRowsOrColumnsThanAFileMayHaveAreTooMany() {
        String rows = "sku\n" + "A\n".repeat(CatalogueReader.MOST_ROWS);
        String columns = "sku" + ",x".repeat(CatalogueReader.MOST_COLUMNS);

        assertThat(failure(rows.getBytes(StandardCharsets.UTF_8))).isInstanceOf(ImportOutcome.TooMany.class);
        assertThat(failure(columns.getBytes(StandardCharsets.UTF_8))).isInstanceOf(ImportOutcome.InvalidColumns.class);
    }

    @Test
    void aFileWithItsFirstRowOnlySaysNothing() {
        assertThat(read("sku,capacity\r\n")).isEqualTo(new Catalogue(List.of(), List.of()));
    }

    @Test
    void shopifysUnitsAreAddedUpOverLocationsAndItsOptionsAreAttributes() {
        Catalogue catalogue = read("""
                Handle,Option1 Name,Option1 Value,SKU,Location,Available
                dress,Size,M,A,Berlin,40
                dress,Size,M,A,Leipzig,-2
                dress,Size,M,A,Ulm,not stocked
                """);

        assertThat(catalogue.entries().getFirst().rows()).containsExactly(2, 3, 4);
        assertThat(rules(catalogue, "A", null))
                .isEqualTo(new SkuRules(new Sku("A"), 38, "dress", Map.of("Size", "M"), null, 0, null, null, 0));
    }

    @Test
    void anOptionWithoutANameHasThatOfItsColumn() {
        Catalogue catalogue = read("Handle,Option1 Value,SKU,Available\ndress,M,A,1\nmug,Default Title,B,1\n");

        assertThat(rules(catalogue, "A", null).attributes()).isEqualTo(Map.of("Option1", "M"));
        assertThat(rules(catalogue, "B", null).attributes()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "dress,M,A,Ulm,1.5 | Available must be a whole number or \"not stocked\", not \"1.5\"",
                "dress,M,A,Ulm, | Available must",
                "dress,M,A,Ulm,not stocked | not stocked at any location",
                "dress,M,A,Ulm,-1 | must be a whole number from 0 to",
                "dress,M,,Ulm,1 | SKU is empty",
                "dress,M,A B,Ulm,1 | SKU \"A B\" is not possible here",
                "été,M,A,Ulm,1 | Handle \"été\" is not possible here"
            })
    void aRowOfShopifysThatCannotBeIsRejected(String row, String reason) {
        Catalogue catalogue = read("Handle,Option1 Value,SKU,Location,Available\n" + row + "\nmug,,B,Ulm,1\n");

        assertThat(catalogue.entries()).extracting(Catalogue.Entry::sku).containsExactly(new Sku("B"));
        assertThat(catalogue.rejected())
                .singleElement()
                .satisfies(line -> assertThat(line.reason()).contains(reason));
    }

    @Test
    void aSkuOfShopifysIsTakenFromAllItsRowsOrNone() {
        Catalogue catalogue = read("""
                Handle,SKU,Location,Available
                dress,A,Berlin,1
                dress,A,Ulm,x
                mug,B,Berlin,2
                mug,B,Berlin,3
                cup,B,Ulm,3
                """);

        assertThat(catalogue.entries()).extracting(Catalogue.Entry::sku).containsExactly(new Sku("B"));
        assertThat(catalogue.rejected()).extracting(ImportReport.Line::row).containsExactlyInAnyOrder(2, 3, 5, 6);
        assertThat(rules(catalogue, "B", null).capacity()).isEqualTo(2);
    }

    private static SkuRules rules(Catalogue catalogue, String sku, SkuRules before) {
        Catalogue.Entry entry = catalogue.entries().stream()
                .filter(each -> each.sku().value().equals(sku))
                .findFirst()
                .orElseThrow();
        RulesDraft draft = RulesDraft.over(before);
        entry.edits().forEach(edit -> edit.putOver(draft));
        assertThat(draft.problem()).isNull();
        return draft.rules(entry.sku());
    }

    private static Catalogue read(String file) {
        return CatalogueReader.read(file.getBytes(StandardCharsets.UTF_8));
    }

    private static ImportOutcome failure(byte[] file) {
        return catchThrowableOfType(UnreadableCatalogue.class, () -> CatalogueReader.read(file))
                .outcome();
    }
}
