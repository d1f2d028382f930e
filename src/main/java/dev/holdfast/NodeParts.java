package dev.holdfast;

import dev.holdfast.admin.SaleLock;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.InspectionBook;
import dev.holdfast.ledger.Records;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.reservation.Secrets;
import dev.holdfast.reservation.SoldOutBoard;
import io.vertx.core.Vertx;

/**
 * What all event loops of a node share. Safe for all threads.
 *
 * @param records what people look up
 * @param inspections the books' side of inspections
 * @param saleLock between admins
 * @param soldOut what was refused a moment ago
 * @param secrets from which reservation ids are derived
 * @param keeping how long what has ended is kept
 */
record NodeParts(
        Vertx vertx,
        Books books,
        Records records,
        InspectionBook inspections,
        SaleLock saleLock,
        SoldOutBoard soldOut,
        Metrics metrics,
        Secrets secrets,
        Settings.Keeping keeping) {}
