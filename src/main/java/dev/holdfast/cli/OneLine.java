package dev.holdfast.cli;

/** A failure as people at a terminal are told of it. */
final class OneLine {

    private OneLine() {}

    static String of(Throwable failure) {
        String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        return message.lines().findFirst().orElse(failure.toString());
    }
}
