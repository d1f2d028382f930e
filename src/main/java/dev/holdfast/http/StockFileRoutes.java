package dev.holdfast.http;

import dev.holdfast.admin.ExportOutcome;
import dev.holdfast.admin.ImportOutcome;
import dev.holdfast.admin.ImportProgress;
import dev.holdfast.admin.ImportRequest;
import dev.holdfast.admin.Imports;
import dev.holdfast.admin.StockExport;
import dev.holdfast.ledger.Author;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Admins bring the SKUs of a sale as a file, and take them as one. */
final class StockFileRoutes {

    private static final String STOCK = "/v1/admin/sales/{saleId}/stock";

    private final Imports imports;
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
        String key = IdempotencyKey.of(call.headers(IdempotencyKey.HEADER));
        boolean trial = call.flagInQuery("dryRun");
        ImportRequest request = new ImportRequest(call.csv(), trial);
        if (!ProgressLines.areWanted(call)) {
            return imports.run(author, saleId, request, key, onlyThere(call))
                    .compose(outcome -> reply(call, saleId, outcome))
                    .map(reply -> reply);
        }
        ProgressLines lines = new ProgressLines(call);
        imports.run(author, saleId, request, key, reading(lines))
                .compose(outcome -> reply(call, saleId, outcome))
                .onSuccess(lines::end)
                .onFailure(failure -> lines.end(Failures.problem(failure, call)));
        return lines.reply();
    }

    private static Imports.Follower onlyThere(Call call) {
        return new Imports.Follower() {
            @Override
            public void progressed(ImportProgress progress) {}

            @Override
            public boolean isThere() {
                return !call.request().response().closed();
            }
        };
    }

    private static Imports.Follower reading(ProgressLines lines) {
        return new Imports.Follower() {
            @Override
            public void progressed(ImportProgress progress) {
                lines.progress(json -> ImportJson.write(json, progress));
            }

            @Override
            public boolean isThere() {
                return lines.isRead();
            }
        };
    }

    private static Future<Reply.Whole> reply(Call call, SaleId saleId, ImportOutcome outcome) {
        return switch (outcome) {
            case ImportOutcome.Imported imported -> imported(call, imported);
            case ImportOutcome.Malformed malformed ->
                now(Problem.of(ProblemCode.MALFORMED_REQUEST, malformed.detail()));
            case ImportOutcome.InvalidColumns columns -> now(invalid(columns.details()));
            case ImportOutcome.TooMany tooMany -> now(Problem.of(ProblemCode.VALIDATION_FAILED, tooMany.detail()));
            case ImportOutcome.Stored stored -> now(AdminAnswers.stored(stored.reason()));
            case ImportOutcome.KeyReused reused ->
                now(
                        Problem.of(
                                ProblemCode.IDEMPOTENCY_KEY_REUSED,
                                "Another file of this sale was sent with this Idempotency-Key, or this one with another dryRun."));
            case ImportOutcome.SaleIsClosed closed ->
                now(Problem.of(ProblemCode.SALE_CLOSED, "The sale is over for good: Redis does not have it any more."));
            case ImportOutcome.NoSuchSale none -> now(NotFound.sale(saleId));
        };
    }

    /** Of up to 50,000 rows: not on the event loop. */
    private static Future<Reply.Whole> imported(Call call, ImportOutcome.Imported imported) {
        return call.vertx()
                .executeBlocking(() -> Answer.json(200, json -> ImportJson.write(json, imported.report())))
                .map(Objects::requireNonNull)
                .map(answer -> imported.replayed() ? answer.with("idempotent-replayed", "true") : answer);
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

    private static Future<Reply.Whole> now(Reply.Whole reply) {
        return Future.succeededFuture(reply);
    }
}
