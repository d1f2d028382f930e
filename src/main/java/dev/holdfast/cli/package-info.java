/** The command line: each command is a class. */
@NullMarked
package dev.holdfast.cli;

import org.jspecify.annotations.NullMarked;
