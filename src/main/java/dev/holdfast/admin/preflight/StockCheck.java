package dev.holdfast.admin.preflight;

import dev.holdfast.ledger.PreflightBook.SkuFacts;
import java.util.List;

/** Is there anything to sell? */
final class StockCheck implements Check {

    @Override
    public List<Finding> findings(Evidence evidence) {
        SkuFacts skus = evidence.skus();
        if (skus.skus() == 0) {
            return List.of(Finding.blocker("no-stock", "The sale has no SKU: there is nothing to buy."));
        }
        if (skus.units() == 0) {
            return List.of(Finding.blocker("no-stock", "No SKU has any units: everybody is told that it is sold out.")
                    .about(skus.empty()));
        }
        return skus.empty().count() == 0
                ? List.of()
                : List.of(Finding.warning(
                                "sku-without-stock", "Some SKUs have no units: they are sold out from the start.")
                        .about(skus.empty()));
    }
}
