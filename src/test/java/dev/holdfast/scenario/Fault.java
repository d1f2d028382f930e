package dev.holdfast.scenario;

/** What goes wrong on the way between a client and a node; for the client the outcome is unknown each time. */
enum Fault {
    NONE,
    /** The request arrives; the client is gone before the answer comes. */
    REPLY_LOST,
    /** The connection breaks in the middle of the request. */
    REQUEST_CUT
}
