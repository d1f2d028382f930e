package dev.holdfast.ledger;

import dev.holdfast.reservation.SaleId;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;

/**
 * Something that others are told of, in the words of CloudEvents 1.0.
 *
 * @param id place in the outbox: later events have higher ones
 * @param type what happened
 * @param saleId where
 * @param subject what of the sale it is about: a SKU
 * @param timeMs ms since 1970 by the sale's clock
 * @param data JSON that depends on the type
 */
public record CloudEvent(long id, String type, SaleId saleId, String subject, long timeMs, JsonObject data) {

    private static final DateTimeFormatter WITH_MS =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

    /** In structured mode: attributes and data in one object. */
    public JsonObject json() {
        return new JsonObject()
                .put("specversion", "1.0")
                .put("id", Long.toString(id))
                .put("source", "/v1/sales/" + saleId)
                .put("type", type)
                .put("subject", subject)
                .put("time", WITH_MS.format(Instant.ofEpochMilli(timeMs)))
                .put("datacontenttype", "application/json")
                .put("data", data);
    }
}
