package dev.holdfast.admin;

/**
 * How far an import is.
 *
 * @param rows as a number of its rows; it never falls
 * @param of all rows of the file
 */
public record ImportProgress(int rows, int of) {}
