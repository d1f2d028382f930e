package dev.holdfast.admin.preflight;

import dev.holdfast.ledger.PreflightBook.SkuFacts;
import java.util.ArrayList;
import java.util.List;

/** Can one buyer take everything? */
final class LimitCheck implements Check {

    @Override
    public List<Finding> findings(Evidence evidence) {
        SkuFacts skus = evidence.skus();
        long limit = evidence.sale().perCustomerLimit();
        List<Finding> findings = new ArrayList<>();
        if (limit > skus.units() && skus.units() > 0) {
            findings.add(Finding.warning(
                            "limit-above-stock",
                            "The limit for each customer is above all there is: one buyer can take it all.")
                    .with("perCustomerLimit", limit)
                    .with("units", skus.units()));
        }
        if (skus.limitAboveCapacity().count() > 0) {
            findings.add(Finding.warning(
                            "sku-limit-above-capacity",
                            "Some SKUs have a limit for each customer above their capacity: one buyer can take all of them.")
                    .about(skus.limitAboveCapacity()));
        }
        if (limit == 0 && skus.unlimited().count() > 0) {
            findings.add(Finding.warning(
                            "no-limit",
                            "Neither the sale nor these SKUs have a limit for each customer: one buyer can take all of them.")
                    .about(skus.unlimited()));
        }
        return findings;
    }
}
