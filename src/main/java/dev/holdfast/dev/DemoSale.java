package dev.holdfast.dev;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.Currency;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** The sale of dev/demo-sale.json, put up through the admin API as anybody's sale is. */
final class DemoSale {
    private static final String CATALOGUE = "/dev/demo-sale.json";

    private final JsonNode catalogue;

    private DemoSale(JsonNode catalogue) {
        this.catalogue = catalogue;
    }

    /** Reads the catalogue. */
    static DemoSale read() {
        try (InputStream in = DemoSale.class.getResourceAsStream(CATALOGUE)) {
            if (in == null) {
                throw new IllegalStateException(CATALOGUE + " is not on the class path");
            }
            return new DemoSale(new ObjectMapper().readTree(in));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + CATALOGUE, e);
        }
    }

    String id() {
        return catalogue.get("saleId").asText();
    }

    /** Puts up what is not there yet, and leaves alone what is. Answers what there is to buy now. */
    List<Shelf> putUp(Addresses addresses) {
        JsonClient client = new JsonClient(addresses.adminKey());
        String sale = addresses.adminUrl() + "/v1/admin/sales/" + id();
        if (client.find(sale).isEmpty()) {
            client.put(sale, catalogue.get("sale"));
        }
        Map<String, JsonNode> before = stock(client, addresses);
        catalogue.get("stock").properties().stream()
                .filter(sku -> !before.containsKey(sku.getKey()))
                .forEach(sku -> client.put(sale + "/stock/" + sku.getKey(), sku.getValue()));
        return stock(client, addresses).entrySet().stream()
                .map(sku -> new Shelf(
                        sku.getKey(),
                        price(sku.getKey()),
                        sku.getValue().get("available").asLong()))
                .toList();
    }

    private Map<String, JsonNode> stock(JsonClient client, Addresses addresses) {
        JsonNode stock = client.find(addresses.publicUrl() + "/v1/sales/" + id() + "/stock")
                .orElseThrow(() -> new IllegalStateException("the sale " + id() + " has no stock"));
        return StreamSupport.stream(stock.get("items").spliterator(), false)
                .collect(Collectors.toMap(
                        item -> item.get("sku").asText(), Function.identity(), (a, b) -> a, TreeMap::new));
    }

    /** The price of this SKU as people write it; nothing for a SKU that the catalogue does not have. */
    private String price(String sku) {
        JsonNode minorUnits = catalogue.at("/stock/" + sku + "/price");
        Currency currency = Currency.getInstance(catalogue.at("/sale/currency").asText());
        return minorUnits.isMissingNode()
                ? ""
                : BigDecimal.valueOf(minorUnits.asLong(), currency.getDefaultFractionDigits()) + " " + currency;
    }

    /** One SKU as a buyer sees it. */
    record Shelf(String sku, String price, long available) {}
}
