package dev.holdfast.dev;

/** A real server on this machine, in a folder and on a port of its own. */
public sealed interface LocalServer permits LocalRedis, LocalPostgres {

    /** The address for clients. */
    String uri();

    int port();

    /** The pid of the server's main process. */
    long pid();

    /** Ends it in order; its data stays in the folder. Does nothing if it does not run. */
    void stop();

    /** Kills it (SIGKILL), as a crash would. Does nothing if it does not run. */
    void kill();

    /** Starts it again on the same folder and port, after {@link #stop} or {@link #kill}. */
    void restart();
}
