package dev.holdfast.admin.preflight;

import dev.holdfast.ledger.PreflightBook.SaleFacts;
import java.util.ArrayList;
import java.util.List;

/** Does Redis have what admins decided? What it lacks is sent again by itself. */
final class ChangesCheck implements Check {

    @Override
    public List<Finding> findings(Evidence evidence) {
        SaleFacts facts = evidence.facts();
        List<Finding> findings = new ArrayList<>();
        if (!facts.inForce()) {
            findings.add(
                    Finding.blocker("sale-not-in-force", "The sale was changed, and Redis has not heard of it yet."));
        }
        if (evidence.skus().notInForce().count() > 0) {
            findings.add(Finding.blocker(
                            "rules-not-in-force",
                            "Some SKUs were put up or changed, and Redis has not heard of it yet.")
                    .about(evidence.skus().notInForce()));
        }
        if (facts.pendingAdjustments() > 0) {
            findings.add(Finding.warning("adjustments-pending", "Some adjustments of stock are not decided yet.")
                    .with("adjustments", facts.pendingAdjustments()));
        }
        return findings;
    }
}
