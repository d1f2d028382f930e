package dev.holdfast.admin.preflight;

import dev.holdfast.admin.preflight.Finding.Severity;
import java.util.Comparator;
import java.util.List;

/** What a preflight found, blockers first. */
public record Report(List<Finding> findings) {

    static Report of(List<Finding> findings) {
        return new Report(findings.stream()
                .sorted(Comparator.comparing(Finding::severity))
                .toList());
    }

    /** Whether buyers may come. */
    public boolean ready() {
        return findings.stream().noneMatch(finding -> finding.severity() == Severity.BLOCKER);
    }
}
