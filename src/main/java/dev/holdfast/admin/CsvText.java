package dev.holdfast.admin;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** CSV as RFC 4180 has it, in UTF-8, with commas: bytes in, rows out. */
final class CsvText {

    /**
     * A row.
     *
     * @param number as a spreadsheet has it: the first is 1, and blank rows count
     */
    record Row(int number, List<String> cells) {}

    private static final char BYTE_ORDER_MARK = '\uFEFF';

    /** No cell contains it, so a file that ends inside a quoted cell is told by the row that this comes in. */
    private static final char END = '\0';

    private CsvText() {}

    /** All rows but blank ones; throws {@link UnreadableCatalogue} where it is malformed or has more rows than that. */
    static List<Row> rows(byte[] file, int most) {
        List<Row> rows = new ArrayList<>();
        int number = 0;
        long line = 0;
        try {
            // Blank rows and rows of other lengths are seen here, so that they are counted and answered.
            for (CsvRecord csv : CsvReader.builder()
                    .skipEmptyLines(false)
                    .allowExtraFields(true)
                    .allowMissingFields(true)
                    .ofCsvRecord(decoded(file) + "\n" + END)) {
                number++;
                line = csv.getStartingLineNumber();
                List<String> cells = csv.getFields();
                String last = cells.getLast();
                if (!last.isEmpty() && last.charAt(last.length() - 1) == END) {
                    requireOutsideQuotes(cells, line);
                } else if (cells.size() > 1 || !last.isEmpty()) {
                    rows.add(new Row(number, cells));
                }
                if (rows.size() > most) {
                    throw new UnreadableCatalogue(
                            new ImportOutcome.TooMany("A file has at most " + most + " rows, its first included."));
                }
            }
        } catch (CsvParseException broken) {
            throw malformed("A quoted cell goes on after its closing quote, in the row after line " + line + '.');
        }
        return rows;
    }

    private static void requireOutsideQuotes(List<String> cells, long line) {
        if (cells.size() > 1 || cells.getFirst().length() > 1) {
            throw malformed("A quoted cell of the row that begins in line " + line + " is never closed.");
        }
    }

    private static String decoded(byte[] file) {
        ByteBuffer bytes = ByteBuffer.wrap(file);
        CharBuffer text = CharBuffer.allocate(file.length + 1);
        CoderResult result = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT)
                .decode(bytes, text, true);
        if (result.isError()) {
            throw malformed("Line " + lineOf(file, bytes.position())
                    + " is not UTF-8. Save the file as CSV UTF-8, separated by commas.");
        }
        text.flip();
        for (int i = 0; i < file.length; i++) {
            if (file[i] == 0) {
                throw malformed("Line " + lineOf(file, i) + " has a NUL in it. Save the file as CSV UTF-8.");
            }
        }
        // Excel begins UTF-8 with it.
        return text.length() > 0 && text.charAt(0) == BYTE_ORDER_MARK
                ? text.subSequence(1, text.length()).toString()
                : text.toString();
    }

    private static int lineOf(byte[] file, int at) {
        int line = 1;
        for (int i = 0; i < at; i++) {
            if (file[i] == '\n' || (file[i] == '\r' && (i + 1 == file.length || file[i + 1] != '\n'))) {
                line++;
            }
        }
        return line;
    }

    private static UnreadableCatalogue malformed(String detail) {
        return new UnreadableCatalogue(new ImportOutcome.Malformed(detail));
    }
}
