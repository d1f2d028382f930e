/** What Holdfast costs beside time: processor time and memory of Redis, and the disk. */
@NullMarked
package dev.holdfast.comparison.cost;

import org.jspecify.annotations.NullMarked;
