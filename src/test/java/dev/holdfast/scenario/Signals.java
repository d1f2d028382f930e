package dev.holdfast.scenario;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Freezes processes and lets them go on, as an overloaded machine or a long pause would. */
final class Signals {

    private Signals() {}

    /** SIGSTOP. */
    static void stop(long pid) {
        send("STOP", pid);
    }

    /** SIGCONT. */
    static void resume(long pid) {
        send("CONT", pid);
    }

    private static void send(String signal, long pid) {
        try {
            int exit = new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw new IllegalStateException("cannot send " + signal + " to " + pid);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no kill command", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while sending " + signal, e);
        }
    }
}
