package dev.holdfast.http;

import dev.holdfast.admin.ExportOutcome;
import dev.holdfast.admin.ImportOutcome;
import dev.holdfast.admin.StockExport;
import dev.holdfast.admin.StockImport;
import dev.holdfast.ledger.Author;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Admins bring the SKUs of a sale as a file, and take them as one. */
final class StockFileRoutes {

    private static final String STOCK = "/v1/admin/sales/{saleId}/stock";

    private final StockImport imports;
    private final StockExport exports;

    // What answers the calls is not asked for it: the routes are listed without it.
    StockFileRoutes(AdminRoutes.StockFiles files) {
        imports = files.imports();
        exports = files.exports();
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.post(STOCK + "/import", Access.ADMIN, this::take).taking(BodyLimit.FILE),
                Endpoint.get(STOCK + "/export", Access.ADMIN, this::give));
    }

    private Future<Reply> take(Call call) {
        SaleId saleId = call.saleId();
        Author author = call.author();
        boolean trial = call.flagInQuery("dryRun");
        return imports.run(author, saleId, call.csv(), trial).compose(outcome -> reply(call, saleId, outcome));
    }

    private static Future<Reply> reply(Call call, SaleId saleId, ImportOutcome outcome) {
        return switch (outcome) {
            case ImportOutcome.Imported imported -> imported(call, imported);
            case ImportOutcome.Malformed malformed ->
                now(Problem.of(ProblemCode.MALFORMED_REQUEST, malformed.detail()));
            case ImportOutcome.InvalidColumns columns -> now(invalid(columns.details()));
            case ImportOutcome.TooMany tooMany -> now(Problem.of(ProblemCode.VALIDATION_FAILED, tooMany.detail()));
            case ImportOutcome.Stored stored -> now(AdminAnswers.stored(stored.reason()));
            case ImportOutcome.SaleIsClosed closed ->
                now(Problem.of(ProblemCode.SALE_CLOSED, "The sale is over for good: Redis does not have it any more."));
            case ImportOutcome.NoSuchSale none -> now(NotFound.sale(saleId));
        };
    }

    /** Of up to 50,000 rows: not on the event loop. */
    private static Future<Reply> imported(Call call, ImportOutcome.Imported imported) {
        return call.vertx()
                .executeBlocking(() -> Answer.json(200, json -> ImportJson.write(json, imported.report())))
                .map(Objects::requireNonNull);
    }

    private static Problem invalid(Map<String, String> details) {
        var errors = new BodyErrors();
        details.forEach((column, detail) -> errors.add(Pointer.TOP.field(column), detail));
        return errors.problem();
    }

    private Future<Reply> give(Call call) {
        SaleId saleId = call.saleId();
        return exports.run(saleId).map(outcome -> switch (outcome) {
            case ExportOutcome.Exported exported ->
                Answer.of("text/csv; charset=utf-8", exported.csv())
                        .with("content-disposition", "attachment; filename=\"" + saleId + "-stock.csv\"")
                        .with("cache-control", "no-store");
            case ExportOutcome.TooMuch tooMuch -> Problem.of(ProblemCode.VALIDATION_FAILED, tooMuch.detail());
            case ExportOutcome.NoSuchSale none -> NotFound.sale(saleId);
        });
    }

    private static Future<Reply> now(Reply reply) {
        return Future.succeededFuture(reply);
    }
}
