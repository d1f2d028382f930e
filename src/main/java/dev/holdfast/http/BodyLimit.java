package dev.holdfast.http;

/** How much a body may be, and how long it may take. */
enum BodyLimit {
    /** The contract's limit for all that is JSON. */
    USUAL(16 * 1024, 1),
    /** Of a catalogue of some 10,000 rows, over a slow line. */
    FILE(8 * 1024 * 1024, 6);

    private final int bytes;
    private final int timesAsLong;

    BodyLimit(int bytes, int timesAsLong) {
        this.bytes = bytes;
        this.timesAsLong = timesAsLong;
    }

    int bytes() {
        return bytes;
    }

    /** It has this many times the listener's deadline. */
    int timesAsLong() {
        return timesAsLong;
    }
}
