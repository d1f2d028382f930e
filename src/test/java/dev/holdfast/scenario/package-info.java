/**
 * Proof of the promises: no oversell, nothing lost, recorded once, whatever breaks.
 *
 * <p>A {@link dev.holdfast.scenario.Storm} asks and writes its {@link dev.holdfast.scenario.History}; afterwards the
 * {@link dev.holdfast.scenario.HistoryChecker} compares it with the ledger, Redis and PostgreSQL. The checker uses nothing of the
 * program: it reads the ledger with its own parser and counts by itself.
 */
package dev.holdfast.scenario;
