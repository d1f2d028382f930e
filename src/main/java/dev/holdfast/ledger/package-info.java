/** PostgreSQL, the system of record: schema, reads and writes. */
@NullMarked
package dev.holdfast.ledger;

import org.jspecify.annotations.NullMarked;
