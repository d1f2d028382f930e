package dev.holdfast.recorder;

/** What one step of a lane's recorder came to. */
enum Step {
    /** A whole batch was recorded: there is probably more. */
    FULL,
    /** Something was recorded. */
    SOME,
    /** There was nothing to record. */
    IDLE,
    /** The lane is another node's, or does not sell in this epoch any more: there is nothing left to do on it. */
    OVER
}
