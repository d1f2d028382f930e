/** The HTTP calls that every design answers, and the process it runs in. */
@NullMarked
package dev.holdfast.comparison.facade;

import org.jspecify.annotations.NullMarked;
