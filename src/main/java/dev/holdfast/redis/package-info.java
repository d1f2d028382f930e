/** The atomic step: keys, scripts, replies and connections. */
@NullMarked
package dev.holdfast.redis;

import org.jspecify.annotations.NullMarked;
