package dev.holdfast.http;

/**
 * What is wrong with one field of a body.
 *
 * @param pointer JSON pointer (RFC 6901); of a query parameter its name after a slash
 */
record FieldError(String pointer, String detail) {}
