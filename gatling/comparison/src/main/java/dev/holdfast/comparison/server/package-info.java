/** The processes of a run: Redis, PostgreSQL, and the contender. */
@NullMarked
package dev.holdfast.comparison.server;

import org.jspecify.annotations.NullMarked;
