package dev.holdfast;

import dev.holdfast.cli.Commands;

/** Where the program starts. */
public final class Main {

    private Main() {}

    /** Does what the arguments say. A process that serves goes on after this; every other one ends. */
    public static void main(String[] args) {
        int exitCode = Commands.run(System.getenv(), args);
        if (exitCode != 0) {
            System.exit(exitCode);
        }
    }
}
