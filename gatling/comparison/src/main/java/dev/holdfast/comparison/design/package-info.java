/** The designs that are compared, each behind the same interface. */
@NullMarked
package dev.holdfast.comparison.design;

import org.jspecify.annotations.NullMarked;
