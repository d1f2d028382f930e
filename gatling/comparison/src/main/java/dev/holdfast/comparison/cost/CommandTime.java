package dev.holdfast.comparison.cost;

/** Calls of a command, and the time that Redis spent in them. */
record CommandTime(long calls, long micros) {

    static final CommandTime NONE = new CommandTime(0, 0);

    CommandTime plus(CommandTime other) {
        return new CommandTime(calls + other.calls, micros + other.micros);
    }

    CommandTime minus(CommandTime earlier) {
        return new CommandTime(calls - earlier.calls, micros - earlier.micros);
    }

    /** Microseconds of one call. */
    double perCall() {
        return (double) micros / calls;
    }
}
