package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.ledger.CloudEvent;
import dev.holdfast.reservation.Identifiers;
import dev.holdfast.reservation.SaleDirectory;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Admins and their systems hear what happens: as a list, or as it comes. */
final class EventAdminRoutes {

    private static final CharSequence LAST_EVENT_ID = HttpHeaders.createOptimized("last-event-id");

    /** As many digits as surely fit. */
    private static final String ID = "[0-9]{1,18}";

    private final OutboxFeed outbox;
    private final SaleDirectory directory;

    EventAdminRoutes(OutboxFeed outbox, SaleDirectory directory) {
        this.outbox = outbox;
        this.directory = directory;
    }

    List<Endpoint> endpoints() {
        return List.of(Endpoint.get("/v1/admin/events", Access.ADMIN, this::events));
    }

    private Future<Reply> events(Call call) {
        return wantsStream(call) ? stream(call) : list(call);
    }

    private Future<Reply> stream(Call call) {
        List<String> given = call.headers(LAST_EVENT_ID);
        Long last = given.isEmpty() ? null : Long.valueOf(id(given));
        return ofSale(call, saleId -> outbox.follow(saleId, last).map(stream -> stream));
    }

    /** Newest first: what is in order of time is the stream. */
    private Future<Reply> list(Call call) {
        Page page = Page.of(call);
        long before = page.afterNumber(Long.MAX_VALUE);
        return ofSale(
                call,
                saleId -> outbox.book()
                        .before(before, saleId, page.look())
                        .map(found -> Answer.json(
                                200,
                                json -> page.write(
                                        json, found, event -> Long.toString(event.id()), EventAdminRoutes::write))));
    }

    private Future<Reply> ofSale(Call call, Function<@Nullable SaleId, Future<Reply>> reply) {
        List<String> given = call.inQuery("saleId");
        if (given.isEmpty()) {
            return reply.apply(null);
        }
        if (given.size() > 1 || !Identifiers.isIdentifier(given.get(0))) {
            throw invalid("saleId", "must be the id of one sale");
        }
        SaleId saleId = new SaleId(given.get(0));
        return directory
                .find(saleId)
                .compose(listed ->
                        listed.isEmpty() ? Future.succeededFuture(NotFound.sale(saleId)) : reply.apply(saleId));
    }

    private static boolean wantsStream(Call call) {
        return call.headers(HttpHeaders.ACCEPT).stream()
                .anyMatch(accepted -> accepted.toLowerCase(Locale.ROOT).contains(EventStream.CONTENT_TYPE));
    }

    private static long id(List<String> given) {
        if (given.size() > 1 || !given.get(0).matches(ID)) {
            throw invalid("Last-Event-ID", "must be the id of an event");
        }
        return Long.parseLong(given.get(0));
    }

    private static ProblemException invalid(String name, String detail) {
        return new ProblemException(Problem.invalid(List.of(new FieldError('/' + name, detail))));
    }

    private static void write(JsonGenerator json, CloudEvent event) throws IOException {
        for (var attribute : event.json()) {
            json.writeFieldName(attribute.getKey());
            json.writeRawValue(io.vertx.core.json.Json.encode(attribute.getValue()));
        }
    }
}
