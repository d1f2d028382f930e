package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.admin.SaleAdmin;
import dev.holdfast.admin.SaleDraft;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.SaleDirectory;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.SaleStanding;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.List;

/** Admins set up sales and steer them. */
final class SaleAdminRoutes {

    private static final String SALES = "/v1/admin/sales";
    private static final String SALE = SALES + "/{saleId}";
    /** Characters of a reason. */
    static final int MAX_REASON_LENGTH = 500;

    /** A year. */
    private static final int MOST_ADVANCE_SECONDS = 31_536_000;

    private final SaleAdmin admin;
    private final SaleDirectory directory;
    private final Standings standings;
    private final AdminAnswers answers;

    SaleAdminRoutes(SaleAdmin admin, SaleDirectory directory, Standings standings) {
        this.admin = admin;
        this.directory = directory;
        this.standings = standings;
        this.answers = new AdminAnswers(standings);
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get(SALES, Access.ADMIN, this::list),
                Endpoint.get(SALE, Access.ADMIN, this::show),
                Endpoint.put(SALE, Access.ADMIN, this::put),
                Endpoint.post(SALE + "/pause", Access.ADMIN, call -> turn(call, Sale.Switch.PAUSED)),
                Endpoint.post(SALE + "/resume", Access.ADMIN, call -> turn(call, Sale.Switch.OPEN)),
                Endpoint.post(SALE + "/close", Access.ADMIN, call -> turn(call, Sale.Switch.CLOSED)),
                Endpoint.post(SALE + "/window", Access.ADMIN, this::changeWindow),
                Endpoint.post(SALE + "/clock", Access.ADMIN, this::advanceClock));
    }

    private Future<Reply> put(Call call) {
        SaleId saleId = call.newSaleId();
        SaleDraft draft = SaleBody.read(call.json());
        return admin.putSale(call.author(), saleId, draft).compose(outcome -> answers.reply(outcome, saleId));
    }

    /** PostgreSQL is asked, because an admin wants to see the last change, whichever node made it. */
    private Future<Reply> show(Call call) {
        SaleId saleId = call.saleId();
        return directory
                .refresh(saleId)
                .compose(listed -> listed.isEmpty()
                        ? Future.succeededFuture(NotFound.sale(saleId))
                        : answers.sale(200, listed.get().sale()).map(answer -> answer));
    }

    private Future<Reply> turn(Call call, Sale.Switch to) {
        SaleId saleId = call.saleId();
        JsonFields body = call.json();
        String reason = body.text("reason", MAX_REASON_LENGTH);
        body.check();

        return admin.turn(call.author(), saleId, to, reason).compose(outcome -> answers.reply(outcome, saleId));
    }

    private Future<Reply> changeWindow(Call call) {
        SaleId saleId = call.saleId();
        WindowBody body = WindowBody.read(call.json());
        return admin.changeWindow(call.author(), saleId, body.window(), body.reason())
                .compose(outcome -> answers.reply(outcome, saleId));
    }

    private Future<Reply> advanceClock(Call call) {
        SaleId saleId = call.saleId();
        JsonFields body = call.json();
        long advanceSeconds = body.whole("advanceSeconds", 1, MOST_ADVANCE_SECONDS);
        body.check();

        return admin.advanceClock(call.author(), saleId, advanceSeconds)
                .compose(outcome -> answers.reply(outcome, saleId));
    }

    private Future<Reply> list(Call call) {
        Page page = Page.of(call);
        return admin.list(page.after(), page.look()).compose(sales -> listed(page, sales));
    }

    private record Standing(Sale sale, SaleStanding now) {}

    private Future<Reply> listed(Page page, List<Sale> sales) {
        List<Future<Standing>> asked = sales.stream()
                .map(sale -> standings.of(sale).map(now -> new Standing(sale, now)))
                .toList();
        return Future.all(asked)
                .map(all -> Answer.json(200, json -> {
                    List<Standing> found = all.list();
                    page.write(json, found, standing -> standing.sale().id().value(), SaleAdminRoutes::write);
                }));
    }

    private static void write(JsonGenerator json, Standing standing) throws IOException {
        SaleJson.writeForAdmins(json, standing.sale(), standing.now());
    }
}
