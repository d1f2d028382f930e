package dev.holdfast.comparison.facade;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The body of POST reservations, with one line. */
record HoldBody(String customerId, String sku, int quantity, int holdSeconds) {

    private static final int DEFAULT_HOLD_SECONDS = 600;
    private static final JsonFactory JSON = new JsonFactory();

    /** Throws IOException for what is not JSON, IllegalArgumentException for what is not such a body. */
    static HoldBody read(byte[] bytes) throws IOException {
        try (JsonParser json = JSON.createParser(bytes)) {
            Draft draft = new Draft();
            expect(json.nextToken(), JsonToken.START_OBJECT);
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                JsonToken value = json.nextToken();
                switch (name) {
                    case "customerId" -> draft.customerId = json.getText();
                    case "holdSeconds" -> draft.holdSeconds = json.getIntValue();
                    case "items" -> draft.readItems(json, value);
                    default -> throw new IllegalArgumentException("unknown field " + name);
                }
            }
            return draft.body();
        }
    }

    private static void expect(@Nullable JsonToken found, JsonToken wanted) {
        if (found != wanted) {
            throw new IllegalArgumentException("expected " + wanted + ", found " + found);
        }
    }

    /** What was read so far. */
    private static final class Draft {
        private @Nullable String customerId;
        private @Nullable String sku;
        private int quantity;
        private int holdSeconds = DEFAULT_HOLD_SECONDS;

        private void readItems(JsonParser json, JsonToken value) throws IOException {
            expect(value, JsonToken.START_ARRAY);
            expect(json.nextToken(), JsonToken.START_OBJECT);
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                JsonToken ignored = json.nextToken();
                switch (name) {
                    case "sku" -> sku = json.getText();
                    case "quantity" -> quantity = json.getIntValue();
                    default -> throw new IllegalArgumentException("unknown field " + name);
                }
            }
            // These designs are shown for one product: a cart of several is more than they claim.
            expect(json.nextToken(), JsonToken.END_ARRAY);
        }

        private HoldBody body() {
            if (customerId == null || sku == null || quantity < 1 || holdSeconds < 1) {
                throw new IllegalArgumentException("customerId, sku, quantity and holdSeconds are needed");
            }
            return new HoldBody(customerId, sku, quantity, holdSeconds);
        }
    }
}
