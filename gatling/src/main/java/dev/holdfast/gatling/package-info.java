/** What a load run needs besides Gatling: its settings, the service it speaks to, and the check of what came out. */
@NullMarked
package dev.holdfast.gatling;

import org.jspecify.annotations.NullMarked;
