package dev.holdfast.ledger;

/**
 * What one audit found, in short.
 *
 * @param driftUnits units by which Redis and PostgreSQL differ, over all SKUs
 * @param oversoldUnits units sold beyond capacity, over all SKUs
 */
public record AuditVerdict(String auditId, boolean balanced, long driftUnits, long oversoldUnits) {}
