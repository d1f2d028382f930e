/** Puts the parts together: settings, wiring and the main program. */
@NullMarked
package dev.holdfast;

import org.jspecify.annotations.NullMarked;
