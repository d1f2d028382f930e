package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/** Writes a part of a JSON text. */
@FunctionalInterface
interface JsonWriter {

    void write(JsonGenerator json) throws IOException;
}
