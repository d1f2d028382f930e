package dev.holdfast.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.SaleId;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.OffsetDateTime;
import org.junit.jupiter.api.Test;

/** CloudEvents 1.0, section "Required attributes", and its JSON format. */
class CloudEventTest {

    private final JsonObject json = new CloudEvent(
                    41,
                    "dev.holdfast.stock.low",
                    new SaleId("winter:2026@shop"),
                    "RED-DRESS-M",
                    1_763_640_000_000L,
                    new JsonObject().put("available", 3))
            .json();

    @Test
    void requiredAttributesAreStringsThatAreNotEmpty() {
        assertThat(json.getString("specversion")).isEqualTo("1.0");
        assertThat(json.getString("id")).isEqualTo("41");
        assertThat(json.getString("source")).isNotEmpty();
        assertThat(json.getString("type")).isEqualTo("dev.holdfast.stock.low");
    }

    @Test
    void theSourceIsAUriReference() {
        assertThat(URI.create(json.getString("source"))).hasPath("/v1/sales/winter:2026@shop");
    }

    @Test
    void theTimeIsAnRfc3339TimestampWithMilliseconds() {
        assertThat(json.getString("time")).isEqualTo("2025-11-20T12:00:00.000Z");
        assertThat(OffsetDateTime.parse(json.getString("time")).toInstant().toEpochMilli())
                .isEqualTo(1_763_640_000_000L);
    }

    @Test
    void attributesHaveNamesOfLowerCaseLettersAndDigitsAndDataIsJson() {
        assertThat(json.fieldNames()).allMatch(name -> name.matches("[a-z0-9]{1,20}"));
        assertThat(json.getString("datacontenttype")).isEqualTo("application/json");
        assertThat(json.getJsonObject("data").getLong("available")).isEqualTo(3);
        assertThat(json.getString("subject")).isEqualTo("RED-DRESS-M");
    }
}
