package dev.holdfast.recorder;

/** What recording one lane came to. */
enum Step {
    /** As much as was asked for was recorded: there is probably more. */
    FULL,
    /** Something was recorded. */
    SOME,
    /** There was nothing to record. */
    IDLE,
    /** The lane is another node's, or does not sell in this epoch any more: there is nothing left to do on it. */
    OVER
}
