package dev.holdfast.gatling.history;

import java.util.List;

/**
 * Whether a run was correct.
 *
 * @param total all SKUs together
 * @param acknowledged units that callers were told are sold
 * @param oversold units that two buyers had at the same time, or that the stock does not have
 * @param leaked units that are neither available nor any buyer's
 * @param overLimit buyers who had more units than the limit at some time
 * @param recorded whether PostgreSQL has what Redis has
 * @param findings what is wrong, a sentence each; empty if the run was correct
 */
public record Verdict(
        StockCounts total,
        long acknowledged,
        long oversold,
        long leaked,
        long overLimit,
        boolean recorded,
        List<String> findings) {
    public Verdict {
        findings = List.copyOf(findings);
    }

    /** Nothing is wrong. */
    public boolean correct() {
        return findings.isEmpty();
    }
}
