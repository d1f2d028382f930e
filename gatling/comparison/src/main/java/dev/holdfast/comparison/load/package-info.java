/** One closed and open loop load generator for all. */
@NullMarked
package dev.holdfast.comparison.load;

import org.jspecify.annotations.NullMarked;
