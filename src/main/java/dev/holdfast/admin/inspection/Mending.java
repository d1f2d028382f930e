package dev.holdfast.admin.inspection;

/**
 * What came of mending one thing.
 *
 * @param done whether it is as it should be now
 * @param told for people: what was concluded, or why it is not mended and what to do; empty where there is nothing to say
 */
record Mending(boolean done, String told) {

    static Mending done(String concluded) {
        return new Mending(true, concluded);
    }

    static Mending not(String why) {
        return new Mending(false, why);
    }

    static Mending of(boolean done) {
        return new Mending(done, "");
    }
}
