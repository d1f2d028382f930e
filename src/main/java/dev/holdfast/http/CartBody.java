package dev.holdfast.http;

import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.Sku;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The items of a body.
 *
 * @param lines as they were sent: errors point at them
 */
record CartBody(List<Line> lines) {

    private static final String ITEMS = "items";

    /** Reads the field items; what is wrong is added to the body's errors. */
    static CartBody read(JsonFields body) {
        List<Line> lines = new ArrayList<>();
        Map<String, Long> units = new HashMap<>();
        for (JsonFields item : body.objects(ITEMS, 1, Cart.MAX_LINES)) {
            String sku = item.identifier("sku");
            long quantity = item.whole("quantity", 1, Line.MAX_QUANTITY);
            item.rejectUnknown();
            if (units.merge(sku, quantity, Long::sum) > Line.MAX_QUANTITY) {
                item.reject("quantity", "makes more than " + Line.MAX_QUANTITY + " units of this SKU in all lines");
            }
            if (!body.hasErrors()) {
                lines.add(new Line(new Sku(sku), (int) quantity));
            }
        }
        return new CartBody(lines);
    }

    /** Each SKU once; only of a body that was checked. */
    Cart cart() {
        return Cart.of(lines);
    }

    /** An error for each line with one of these SKUs. */
    List<FieldError> errors(List<Sku> skus, String detail) {
        List<FieldError> errors = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (skus.contains(lines.get(i).sku())) {
                errors.add(new FieldError('/' + ITEMS + '/' + i + "/sku", detail));
            }
        }
        return errors;
    }
}
