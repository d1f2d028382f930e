package dev.holdfast.scenario;

/** Where the units of one SKU are. */
record Counts(long capacity, long available, long held, long sold) {

    boolean balanced() {
        return available >= 0 && held >= 0 && sold >= 0 && available + held + sold == capacity;
    }

    /** Units move between the three places; what is taken from one must be given to another. */
    Counts moved(long toAvailable, long toHeld, long toSold) {
        return new Counts(capacity, available + toAvailable, held + toHeld, sold + toSold);
    }

    /** So many more units are there, and available. */
    Counts resized(long units) {
        return new Counts(capacity + units, available + units, held, sold);
    }
}
