package dev.holdfast.dev;

import dev.holdfast.Version;

/** Starts Holdfast on a developer's machine, with embedded servers. */
public final class DevMode {
    private DevMode() {}

    public static void main(String[] args) {
        System.out.println("Holdfast " + Version.current() + " in dev mode, on Java " + Runtime.version());
    }
}
