package dev.holdfast.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import picocli.CommandLine;

/** What a command said, and how it ended. */
public record Told(int exitCode, String out, String err) {

    /** Does what the words say, with these variables of the environment. */
    public static Told of(Map<String, String> environment, String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commands =
                Commands.with(environment).setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        int exitCode = commands.execute(words);
        return new Told(exitCode, out.toString(), err.toString());
    }
}
