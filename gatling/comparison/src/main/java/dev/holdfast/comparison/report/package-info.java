/** What a run writes. */
@NullMarked
package dev.holdfast.comparison.report;

import org.jspecify.annotations.NullMarked;
