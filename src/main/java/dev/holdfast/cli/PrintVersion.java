package dev.holdfast.cli;

import dev.holdfast.Version;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Says which build this is. */
@Command(name = "version", mixinStandardHelpOptions = true, description = "Print the version of this build.")
final class PrintVersion implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().getOut().println("Holdfast " + Version.current());
        return 0;
    }
}
