package dev.holdfast;

import dev.holdfast.admin.SaleLock;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.Records;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.reservation.Secrets;
import dev.holdfast.reservation.SoldOutBoard;
import io.vertx.core.Vertx;
import java.time.Duration;

/**
 * What all event loops of a node share. Safe for all threads.
 *
 * @param records what people look up
 * @param saleLock between admins
 * @param soldOut what was refused a moment ago
 * @param retention how long Redis keeps what has ended
 * @param secrets from which reservation ids are derived
 */
record NodeParts(
        Vertx vertx,
        Books books,
        Records records,
        SaleLock saleLock,
        SoldOutBoard soldOut,
        Metrics metrics,
        Duration retention,
        Secrets secrets) {}
