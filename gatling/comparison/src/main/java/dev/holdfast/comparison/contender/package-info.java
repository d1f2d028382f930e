/** What a run does with each contender: start it, put up sales, read its books. */
@NullMarked
package dev.holdfast.comparison.contender;

import org.jspecify.annotations.NullMarked;
