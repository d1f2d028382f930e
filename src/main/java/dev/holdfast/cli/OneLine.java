package dev.holdfast.cli;

import java.util.concurrent.ExecutionException;

/** A failure as people at a terminal are told of it. */
final class OneLine {

    private OneLine() {}

    static String of(Throwable thrown) {
        Throwable cause = thrown.getCause();
        Throwable failure = thrown instanceof ExecutionException && cause != null ? cause : thrown;
        String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        return message.lines().findFirst().orElse(failure.toString());
    }
}
