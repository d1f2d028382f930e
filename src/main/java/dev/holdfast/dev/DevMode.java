package dev.holdfast.dev;

import dev.holdfast.Version;

/** Starts Holdfast on a developer's machine, with embedded servers. */
public final class DevMode {
    private DevMode() {}

    public static void main(String[] args) {
        if (Boolean.getBoolean("holdfast.dev.endWithParent")) {
            endWithParent();
        }
        System.out.println("Holdfast " + Version.current() + " in dev mode, on Java " + Runtime.version());
    }

    /** Ends this program when the one that started it ends: Maven does not end its child when it is killed. */
    private static void endWithParent() {
        ProcessHandle parent = ProcessHandle.current().parent().orElse(null);
        if (parent == null) {
            System.exit(0);
        } else {
            var unused = parent.onExit().thenRun(() -> System.exit(0));
        }
    }
}
