package dev.holdfast.redis;

/** What a call leaves in doubt when its answer is lost. */
enum Effect {
    /** Nothing: it reads, or does only what was due anyway. */
    READS,
    /** Whether it was done. */
    CHANGES
}
