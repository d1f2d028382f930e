/** The running service: where it is, the sale of this run, and its books afterwards. */
@NullMarked
package dev.holdfast.gatling.service;

import org.jspecify.annotations.NullMarked;
