package dev.holdfast.http;

import java.util.List;
import java.util.Map;

/** A JSON text as it was sent, nothing converted. */
sealed interface JsonValue {

    /** What it is, for a person who sent something else. */
    String kind();

    /** The first value of every name, in the order sent. */
    record Fields(Map<String, JsonValue> byName) implements JsonValue {
        @Override
        public String kind() {
            return "an object";
        }
    }

    record Items(List<JsonValue> values) implements JsonValue {
        @Override
        public String kind() {
            return "an array";
        }
    }

    record Text(String text) implements JsonValue {
        @Override
        public String kind() {
            return "a string";
        }
    }

    /** An integer without fraction and exponent, of any size. */
    record Whole(String digits) implements JsonValue {
        @Override
        public String kind() {
            return "a number";
        }
    }

    record Flag(boolean value) implements JsonValue {
        @Override
        public String kind() {
            return "a boolean";
        }
    }

    record Null() implements JsonValue {
        @Override
        public String kind() {
            return "null";
        }
    }

    /** JSON, but nothing that any field of this service takes. */
    record Unfit(String kind) implements JsonValue {}
}
