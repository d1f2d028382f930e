/** People set up and change sales. */
@NullMarked
package dev.holdfast.admin;

import org.jspecify.annotations.NullMarked;
