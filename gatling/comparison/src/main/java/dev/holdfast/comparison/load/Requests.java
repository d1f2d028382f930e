package dev.holdfast.comparison.load;

import java.nio.ByteBuffer;

/** Numbered requests, and how an answer to one is read. */
public interface Requests {

    /** Bytes of the longest of them. */
    int mostBytes();

    /** Puts the request of this number; a number that comes again is the same request again. */
    void put(long number, ByteBuffer into);

    /** The status of the answer that was received, 0 while it is not whole. What speaks no HTTP says what HTTP would. */
    default int statusIn(ByteBuffer received) {
        return HttpAnswer.statusIn(received);
    }
}
