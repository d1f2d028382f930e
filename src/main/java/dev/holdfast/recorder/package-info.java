/** Carries the ledger from Redis into PostgreSQL. */
@NullMarked
package dev.holdfast.recorder;

import org.jspecify.annotations.NullMarked;
