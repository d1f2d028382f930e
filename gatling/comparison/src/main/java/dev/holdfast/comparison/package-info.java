/** Holdfast and the designs people use today under the same load, one after the other. */
@NullMarked
package dev.holdfast.comparison;

import org.jspecify.annotations.NullMarked;
