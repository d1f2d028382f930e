/** Dev mode: Holdfast with its own PostgreSQL and Redis, on a developer's machine only. */
@NullMarked
package dev.holdfast.dev;

import org.jspecify.annotations.NullMarked;
