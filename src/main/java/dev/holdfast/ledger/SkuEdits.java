package dev.holdfast.ledger;

import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;

/** What is to become of many SKUs of a sale: asked a few hundred at a time, each SKU once. */
public interface SkuEdits {

    /** The SKUs that may be created or changed, each once. */
    List<Sku> skus();

    /**
     * The rules that are wanted, of some of these SKUs; their versions are ignored, and so is the capacity of one that is there.
     *
     * @param these some of {@link #skus}, locked
     * @param before those of them that are there
     */
    List<SkuRules> wanted(List<Sku> these, Map<Sku, SkuRules> before);

    /** What came of all, for the audit trail; asked when {@link #wanted} has been asked about every SKU. */
    JsonObject told();
}
