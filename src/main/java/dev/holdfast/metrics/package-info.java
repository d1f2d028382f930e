/** What the service measures of itself. */
@NullMarked
package dev.holdfast.metrics;

import org.jspecify.annotations.NullMarked;
