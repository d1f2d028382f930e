/** Words and rules of a reservation. Knows no driver: of Vert.x it imports Future only. */
@NullMarked
package dev.holdfast.reservation;

import org.jspecify.annotations.NullMarked;
