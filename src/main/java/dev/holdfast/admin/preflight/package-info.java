/** What would embarrass a sale, found before its buyers find it. */
@NullMarked
package dev.holdfast.admin.preflight;

import org.jspecify.annotations.NullMarked;
