package dev.holdfast.admin;

import io.vertx.core.buffer.Buffer;

/** What may come of an export. */
public sealed interface ExportOutcome {

    /** The file, in UTF-8. */
    record Exported(Buffer csv) implements ExportOutcome {}

    /** No file of ours can have as much. */
    record TooMuch(String detail) implements ExportOutcome {}

    /** PostgreSQL knows no such sale. */
    record NoSuchSale() implements ExportOutcome {}
}
