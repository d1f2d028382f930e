package dev.holdfast.admin.preflight;

import java.util.ArrayList;
import java.util.Currency;
import java.util.List;

/** Would a checkout know what to charge? */
final class PriceCheck implements Check {

    @Override
    public List<Finding> findings(Evidence evidence) {
        List<Finding> findings = new ArrayList<>();
        if (evidence.skus().unpriced().count() > 0) {
            findings.add(Finding.warning("no-price", "Some SKUs have no price.")
                    .about(evidence.skus().unpriced()));
        }
        String currency = evidence.sale().currency();
        if (!isMoney(currency)) {
            findings.add(Finding.warning(
                    "odd-currency",
                    "Prices are in " + currency + ", which ISO 4217 has for something else than money."));
        }
        return findings;
    }

    /** Gold, test codes and the like have no smallest unit. */
    private static boolean isMoney(String currency) {
        return Currency.getInstance(currency).getDefaultFractionDigits() >= 0;
    }
}
