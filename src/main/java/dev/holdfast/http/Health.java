package dev.holdfast.http;

/** What the probes tell. Asked on event loops: answers at once, from what was last seen. */
public interface Health {

    /** Whether this node can reserve now, and what keeps it from that. */
    Readiness readiness();

    /** The version of this build. */
    String version();
}
