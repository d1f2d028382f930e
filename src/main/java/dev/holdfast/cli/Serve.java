package dev.holdfast.cli;

import dev.holdfast.Holdfast;
import dev.holdfast.Settings;
import dev.holdfast.SettingsReader;
import dev.holdfast.Version;
import dev.holdfast.Wiring;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs a node. It answers once the node serves, which it does until the process is told to end. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        description = "Runs a node until it is told to end. What is done without a command.")
class Serve implements Callable<Integer> {

    /** How long an orderly end may take after the drain before the process ends anyway: answering what is in hand, and the recorder. */
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(15);

    private final Map<String, String> environment;

    @Option(names = "--print-config", description = "Print what it would run with, secrets hidden, and end.")
    private boolean printConfig;

    @Spec
    private CommandSpec spec;

    Serve(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        Settings settings = SettingsReader.read(environment);
        if (printConfig) {
            spec.commandLine().getOut().print(SettingsReader.printed(settings));
            spec.commandLine().getOut().flush();
            return 0;
        }
        try {
            Holdfast service = Wiring.start(settings)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get();
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(() -> stop(service, settings.drain(), err), "holdfast-stop"));
            err.println("Holdfast " + Version.current() + " listens on "
                    + settings.publicListener().host() + ":"
                    + service.publicPort() + " (public) and "
                    + settings.adminListener().host() + ":"
                    + service.adminPort() + " (admin)");
            return 0;
        } catch (ExecutionException e) {
            err.println("Holdfast cannot start: " + OneLine.of(e));
            return Commands.EXIT_FAILURE;
        }
    }

    /** Java would answer a signal with 128 and its number, in whatever order it ended. */
    private static void stop(Holdfast service, Duration drain, PrintWriter err) {
        try {
            service.close()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(drain.plus(STOP_TIMEOUT).toMillis(), TimeUnit.MILLISECONDS);
            Runtime.getRuntime().halt(0);
        } catch (ExecutionException e) {
            err.println("Holdfast did not end in order: " + OneLine.of(e));
        } catch (TimeoutException e) {
            err.println(
                    "Holdfast did not end within " + drain.plus(STOP_TIMEOUT).toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
