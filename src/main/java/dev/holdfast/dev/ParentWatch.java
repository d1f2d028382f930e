package dev.holdfast.dev;

import java.time.Instant;
import java.util.Optional;

/** Watches the program that started this one: a Maven that is killed takes nothing down with it. */
final class ParentWatch {
    private static final String PROPERTY = "holdfast.dev.endWithParent";

    private ParentWatch() {}

    /** Ends this program when its parent ends, if it was started so. */
    static void start() {
        if (!Boolean.getBoolean(PROPERTY)) {
            return;
        }
        Optional<ProcessHandle> parent = ProcessHandle.current().parent();
        if (parent.isEmpty()) {
            System.exit(0);
        }
        var unused = parent.orElseThrow().onExit().thenRun(() -> System.exit(0));
    }

    /** When the command began that a person typed: Maven's start, or else our own. */
    static Instant commandStartedAt() {
        ProcessHandle self = ProcessHandle.current();
        ProcessHandle first = Boolean.getBoolean(PROPERTY) ? self.parent().orElse(self) : self;
        return first.info().startInstant().orElseGet(Instant::now);
    }
}
