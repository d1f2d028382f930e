package dev.holdfast.ledger;

import org.jspecify.annotations.Nullable;

/** What may come of replaying or discarding a dead letter. */
public sealed interface LetterOutcome {

    /**
     * It is replayed, or discarded, as was asked.
     *
     * @param again whether that was done before: now nothing was done
     * @param next what to do now
     */
    record Settled(DeadLetter letter, boolean again, NextStep next) implements LetterOutcome {}

    /** It is settled otherwise: nothing was done. */
    record SettledOtherwise(DeadLetter letter) implements LetterOutcome {}

    /** The entry cannot be read, or PostgreSQL cannot store it: nothing was done. */
    record Unusable(String why) implements LetterOutcome {}

    /** The books cannot take the entry as they are now: nothing was done. */
    record NotNow(String why) implements LetterOutcome {}

    /** The sale is being rebuilt, from books that must not change meanwhile: nothing was done. */
    record Rebuilding() implements LetterOutcome {}

    /** There is no letter with this number. */
    record NoSuchLetter() implements LetterOutcome {}

    /**
     * What to do after a letter was settled.
     *
     * @param whatToDo for people, in a sentence or two
     * @param call of the admin API, method and path; null for none
     */
    record NextStep(String whatToDo, @Nullable String call) {}
}
