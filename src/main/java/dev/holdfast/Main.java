package dev.holdfast;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Starts Holdfast in production: settings from the environment, Redis and PostgreSQL elsewhere. */
public final class Main {

    /** A setting is missing or wrong; sysexits.h calls it EX_CONFIG. */
    private static final int EXIT_CONFIG = 78;

    /** The service could not start. */
    private static final int EXIT_FAILURE = 1;

    /** How long an orderly end may take before the process ends anyway: less than the ten seconds container engines wait. */
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(8);

    private static final String USAGE = """
            usage: java -jar holdfast.jar [--print-config | --version | --help]
            Configured by the environment: HOLDFAST_REDIS_URI, HOLDFAST_POSTGRES_URI, HOLDFAST_SECRET and others, see README.md.""";

    private Main() {}

    /** Runs until it is told to end; every failure to start is one line on standard error. */
    public static void main(String[] args) {
        List<String> words = List.of(args);
        if (words.equals(List.of("--version"))) {
            System.out.println("Holdfast " + Version.current());
        } else if (words.equals(List.of("--help"))) {
            System.out.println(USAGE);
        } else if (words.isEmpty() || words.equals(List.of("--print-config"))) {
            serve(words.contains("--print-config"));
        } else {
            System.err.println("unknown argument: " + String.join(" ", args) + System.lineSeparator() + USAGE);
            System.exit(EXIT_CONFIG);
        }
    }

    private static void serve(boolean printOnly) {
        Settings settings;
        try {
            settings = SettingsReader.read(System.getenv());
        } catch (Settings.Problem problem) {
            System.err.println(problem.getMessage());
            System.exit(EXIT_CONFIG);
            return;
        }
        if (printOnly) {
            System.out.print(SettingsReader.printed(settings));
            return;
        }
        try {
            Holdfast service = Wiring.start(settings)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(service), "holdfast-stop"));
            System.err.println("Holdfast " + Version.current() + " listens on "
                    + settings.publicListener().host() + ":"
                    + service.publicPort() + " (public) and "
                    + settings.adminListener().host() + ":"
                    + service.adminPort() + " (admin)");
        } catch (ExecutionException e) {
            System.err.println("Holdfast cannot start: " + oneLine(e));
            System.exit(EXIT_FAILURE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            System.exit(EXIT_FAILURE);
        }
    }

    private static void stop(Holdfast service) {
        try {
            service.close()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            System.err.println("Holdfast did not end in order: " + oneLine(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String oneLine(Exception failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        return message.lines().findFirst().orElse(cause.toString());
    }
}
