/** What the callers were told, and whether it can all be true: plain values, no HTTP, no Gatling. */
@NullMarked
package dev.holdfast.gatling.history;

import org.jspecify.annotations.NullMarked;
