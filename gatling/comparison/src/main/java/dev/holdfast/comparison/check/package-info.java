/** Whether a run was right: books, and what the client saw. */
@NullMarked
package dev.holdfast.comparison.check;

import org.jspecify.annotations.NullMarked;
