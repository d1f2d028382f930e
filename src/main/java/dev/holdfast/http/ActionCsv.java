package dev.holdfast.http;

import de.siegmar.fastcsv.writer.CsvWriter;
import dev.holdfast.ledger.ActionPlace;
import dev.holdfast.ledger.ActionSearch;
import dev.holdfast.ledger.Author;
import dev.holdfast.ledger.Found;
import dev.holdfast.ledger.RecordedAction;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The audit trail as CSV (RFC 4180), page after page. */
final class ActionCsv implements Download.Pages {

    static final String MEDIA_TYPE = "text/csv; charset=utf-8; header=present";

    private static final int ROWS_A_PAGE = 500;

    private static final List<String> COLUMNS = List.of(
            "actionId",
            "at",
            "actor",
            "keyName",
            "requestId",
            "action",
            "saleId",
            "subject",
            "reason",
            "before",
            "after");

    private final ActionSearch actions;
    private final ActionSearch.Query query;
    private boolean begun;
    private @Nullable ActionPlace after;

    ActionCsv(ActionSearch actions, ActionSearch.Query query) {
        this.actions = actions;
        this.query = query;
    }

    @Override
    public Future<Optional<Buffer>> next() {
        if (begun && after == null) {
            return Future.succeededFuture(Optional.empty());
        }
        return actions.find(query, after, ROWS_A_PAGE).map(found -> Optional.of(page(found)));
    }

    private Buffer page(Found<RecordedAction, ActionPlace> found) {
        StringWriter text = new StringWriter();
        try (CsvWriter csv = CsvWriter.builder().build(text)) {
            if (!begun) {
                csv.writeRecord(COLUMNS);
            }
            found.items().forEach(action -> csv.writeRecord(cells(action)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write CSV to memory", e);
        }
        begun = true;
        after = found.next();
        return Buffer.buffer(text.toString());
    }

    private static List<String> cells(RecordedAction action) {
        Author author = action.author();
        return List.of(
                Long.toString(action.actionId()),
                Rfc3339.text(action.at().toInstant().toEpochMilli()),
                CsvCells.harmless(author.actor()),
                CsvCells.harmless(author.keyName()),
                CsvCells.harmless(author.requestId()),
                action.action(),
                CsvCells.harmless(action.saleId()),
                CsvCells.harmless(action.subject()),
                CsvCells.harmless(action.reason()),
                CsvCells.harmless(action.before()),
                CsvCells.harmless(action.after()));
    }
}
