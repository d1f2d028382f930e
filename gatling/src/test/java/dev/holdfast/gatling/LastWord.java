package dev.holdfast.gatling;

import java.util.function.Supplier;

/** Has the verdict printed as the very last thing of a run, and makes it the run's result. */
final class LastWord {

    /** What Gatling itself exits with when an assertion fails. */
    private static final int FAILED = 2;

    private LastWord() {}

    /**
     * Checks at once, prints when the JVM ends. Gatling's own table comes between the two, and a failure thrown here would
     * keep Gatling from printing it; so a verdict that is not correct ends the JVM with a status of its own instead.
     */
    static void say(Supplier<RunReport> check) {
        String text;
        boolean correct;
        try {
            RunReport report = check.get();
            text = report.text();
            correct = report.correct();
        } catch (RuntimeException e) {
            text = "VERDICT: none, the check could not be made: " + e;
            correct = false;
        }
        String words = text;
        boolean failed = !correct;
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(words, failed)));
    }

    private static void end(String words, boolean failed) {
        System.out.println(words);
        System.out.flush();
        if (failed) {
            Runtime.getRuntime().halt(FAILED);
        }
    }
}
