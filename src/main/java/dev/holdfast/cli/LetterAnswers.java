package dev.holdfast.cli;

import dev.holdfast.ledger.DeadLetter;
import dev.holdfast.ledger.LetterOutcome;
import java.io.PrintWriter;
import java.util.Locale;

/** What came of replaying or discarding a dead letter, for people at a terminal. */
final class LetterAnswers {

    private LetterAnswers() {}

    /** Throws IllegalStateException, with one line, where nothing was done. */
    static void print(LetterOutcome outcome, long letterId, PrintWriter out) {
        switch (outcome) {
            case LetterOutcome.Settled settled -> print(settled, out);
            case LetterOutcome.SettledOtherwise other ->
                throw new IllegalStateException("dead letter " + letterId + " was settled otherwise before: it is "
                        + word(other.letter().state()));
            case LetterOutcome.Unusable unusable ->
                throw new IllegalStateException("the entry cannot be recorded: " + unusable.why());
            case LetterOutcome.NotNow not ->
                throw new IllegalStateException("the books cannot take it as they are: " + not.why());
            case LetterOutcome.Rebuilding rebuilding ->
                throw new IllegalStateException("the sale is being rebuilt: try again when that is done");
            case LetterOutcome.NoSuchLetter no ->
                throw new IllegalStateException("there is no dead letter " + letterId);
        }
    }

    private static void print(LetterOutcome.Settled settled, PrintWriter out) {
        DeadLetter letter = settled.letter();
        DeadLetter.Settlement settlement = letter.settlement();
        boolean known = letter.state() == DeadLetter.State.REPLAYED && settlement != null && !settlement.tookEffect();
        out.println("Dead letter " + letter.id() + " is " + word(letter.state())
                + (known ? ": the books had what it says already." : "."));
        out.println("Next: " + settled.next().whatToDo());
        if (settled.next().call() != null) {
            out.println("  " + settled.next().call());
        }
    }

    private static String word(DeadLetter.State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }
}
