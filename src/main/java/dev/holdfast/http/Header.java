package dev.holdfast.http;

/** One header of an answer. */
record Header(String name, String value) {}
