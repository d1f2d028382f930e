package dev.holdfast.http;

import dev.holdfast.admin.AdminOutcome;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import java.util.List;

/** What comes of an admin's request. */
final class AdminAnswers {

    private final Standings standings;

    AdminAnswers(Standings standings) {
        this.standings = standings;
    }

    /** The standing of a sale that was set is asked for, so that the answer shows it as it is now. */
    Future<Reply> reply(AdminOutcome outcome, SaleId saleId) {
        return switch (outcome) {
            case AdminOutcome.SaleSet set ->
                set.created() ? created(set.sale()) : sale(200, set.sale()).map(a -> a);
            case AdminOutcome.StockSet set -> now(stock(set));
            case AdminOutcome.Stored stored -> now(stored(stored.reason()));
            case AdminOutcome.CapacityDiffers differs -> now(capacityDiffers(differs));
            case AdminOutcome.NotARehearsal not ->
                now(Problem.of(
                        ProblemCode.FORBIDDEN, "Only the clock of a rehearsal can be advanced; this is a real sale."));
            case AdminOutcome.Invalid invalid ->
                now(Problem.invalid(List.of(new FieldError(invalid.pointer(), invalid.detail()))));
            case AdminOutcome.SaleIsClosed closed ->
                now(Problem.of(ProblemCode.SALE_CLOSED, "The sale is closed, and a closed sale stays closed."));
            case AdminOutcome.NoSuchSale none -> now(NotFound.sale(saleId));
        };
    }

    /** The sale as admins see it. */
    Future<Answer> sale(int status, Sale sale) {
        return standings
                .of(sale)
                .map(standing -> Answer.json(status, json -> SaleJson.writeForAdmins(json, sale, standing)));
    }

    private Future<Reply> created(Sale sale) {
        return sale(201, sale).map(answer -> answer.with("location", "/v1/admin/sales/" + sale.id()));
    }

    private static Answer stock(AdminOutcome.StockSet set) {
        return Answer.json(set.created() ? 201 : 200, json -> StockJson.write(json, set.count(), set.rules()));
    }

    /** PostgreSQL has a change, and Redis has not yet: this is why. */
    static Problem stored(Unavailable.Reason reason) {
        return Problem.of(
                Failures.code(reason),
                "The change is stored in PostgreSQL, and comes into force by itself as soon as Redis takes it."
                        + " Look before you ask for it again.");
    }

    private static Problem capacityDiffers(AdminOutcome.CapacityDiffers differs) {
        return Problem.of(
                        ProblemCode.VERSION_CONFLICT,
                        "The SKU has a capacity of " + differs.capacity()
                                + " already: that changes by adjustments only.")
                .with(json -> {
                    json.writeNumberField("capacity", differs.capacity());
                    json.writeNumberField("version", differs.version());
                });
    }

    private static Future<Reply> now(Reply reply) {
        return Future.succeededFuture(reply);
    }
}
