package dev.holdfast.dev;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A server that we started, so described that it is never mistaken for another process: its pid, when it started, and the
 * folder that it works in.
 *
 * @param startedAt as the operating system tells it
 * @param folder its real path; only this server works in it
 */
record ServerProcess(long pid, Instant startedAt, Path folder) {
    private static final String FILE = "server.pid";

    /**
     * The system counts a start from its boot, and where that lies on the clock moves when the clock is set. So a start that
     * differs forbids to end the process, but does not tell that it is another.
     */
    private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(2);

    private static final Duration END_TIMEOUT = Duration.ofSeconds(20);

    /** Describes a running process; empty if it is not running or works elsewhere. */
    static Optional<ServerProcess> running(long pid, Path folder) {
        return ProcessHandle.of(pid)
                .filter(handle -> worksIn(handle, folder))
                .flatMap(handle -> handle.info().startInstant())
                .map(startedAt -> new ServerProcess(pid, startedAt, folder));
    }

    /** Reads what {@link #write} left in the folder; empty if there is nothing or nothing readable. */
    static Optional<ServerProcess> read(Path folder) {
        try {
            List<String> lines = Files.readAllLines(folder.resolve(FILE));
            return Optional.of(new ServerProcess(Long.parseLong(lines.get(0)), Instant.parse(lines.get(1)), folder));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder.resolve(FILE), e);
        } catch (RuntimeException e) {
            // Cut short by a crash while it was written.
            return Optional.empty();
        }
    }

    /** Reads a file that starts with a pid; empty unless that process runs and works in the folder. */
    static Optional<ServerProcess> named(Path pidFile, Path folder) {
        try (Stream<String> lines = Files.lines(pidFile)) {
            return lines.findFirst()
                    .map(String::strip)
                    .filter(line -> line.matches("[0-9]{1,18}"))
                    .flatMap(line -> running(Long.parseLong(line), folder));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + pidFile, e);
        }
    }

    /** As {@link #named}; empty, too, if the process started after the file was written: then its pid was another's. */
    static Optional<ServerProcess> written(Path pidFile, Path folder) {
        return named(pidFile, folder).filter(process -> process.startedBefore(pidFile));
    }

    /** Throws, in one line, if the process that the file names runs and works in the folder, whenever it started. */
    static void requireNone(Path pidFile, Path folder) {
        named(pidFile, folder).ifPresent(process -> {
            throw new IllegalStateException(process.inTheWay());
        });
    }

    /** Writes pid and start into the folder, for a next start to find. */
    void write() {
        try {
            Files.writeString(folder.resolve(FILE), pid + "\n" + startedAt + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + folder.resolve(FILE), e);
        }
    }

    /** Removes what {@link #write} wrote. */
    void forget() {
        try {
            Files.deleteIfExists(folder.resolve(FILE));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + folder.resolve(FILE), e);
        }
    }

    /** What to tell a person where nothing may start beside this process, nor end it. */
    String inTheWay() {
        return "process " + pid + " works in " + folder + ", and may not be ours to end: end it first";
    }

    /** Tells whether this very process still runs. */
    boolean isRunning() {
        return handle().isPresent();
    }

    /** Sends SIGINT, which Java itself cannot: PostgreSQL then ends in order without waiting for its clients. */
    void interrupt() {
        if (!isRunning()) {
            return;
        }
        try {
            int exit = new ProcessBuilder("kill", "-INT", Long.toString(pid))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (exit != 0 && isRunning()) {
                throw new IllegalStateException("cannot interrupt process " + pid);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot interrupt process " + pid, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Asks it to end (SIGTERM) and waits; kills it when it does not. */
    void end() {
        handle().ifPresent(ProcessHandle::destroy);
        if (!Patience.until(() -> !isRunning(), END_TIMEOUT)) {
            kill();
        }
    }

    /** Kills it (SIGKILL) with all its children and waits until they are gone. */
    void kill() {
        handle().ifPresent(ServerProcess::killTree);
    }

    private static void killTree(ProcessHandle root) {
        List<ProcessHandle> children = root.descendants().toList();
        // Nothing is lost if it ended by itself meanwhile.
        boolean ignored = root.destroyForcibly();
        if (!Patience.until(() -> isGone(root) && children.stream().allMatch(ServerProcess::isGone), END_TIMEOUT)) {
            throw new IllegalStateException("process " + root.pid() + " does not end");
        }
    }

    private Optional<ProcessHandle> handle() {
        return ProcessHandle.of(pid).filter(this::startedThen).filter(handle -> worksIn(handle, folder));
    }

    private boolean startedBefore(Path file) {
        try {
            Instant writtenAt = Files.getLastModifiedTime(file).toInstant();
            return startedAt.isBefore(writtenAt.plus(CLOCK_TOLERANCE));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private boolean startedThen(ProcessHandle handle) {
        return handle.info()
                .startInstant()
                .filter(instant -> Duration.between(instant, startedAt).abs().compareTo(CLOCK_TOLERANCE) <= 0)
                .isPresent();
    }

    private static boolean worksIn(ProcessHandle handle, Path folder) {
        return names(handle, folder) || standsIn(handle, folder);
    }

    /** Linux tells where a server works whose folder was renamed under it, which its command line does not. */
    private static boolean standsIn(ProcessHandle handle, Path folder) {
        return place(handle).filter(place -> place.startsWith(folder)).isPresent();
    }

    /** Empty, too, where it cannot be told. */
    private static Optional<Path> place(ProcessHandle handle) {
        try {
            return Optional.of(
                    Path.of("/proc", Long.toString(handle.pid()), "cwd").toRealPath());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static boolean names(ProcessHandle handle, Path folder) {
        return handle.info()
                .commandLine()
                .filter(line -> line.contains(folder + "/"))
                .isPresent();
    }

    /**
     * A process that ended but was not yet collected by its parent has no command line any more, and stands nowhere. While it ends it
     * loses the one before the other.
     */
    private static boolean isGone(ProcessHandle handle) {
        return !handle.isAlive()
                || (handle.info().commandLine().isEmpty() && place(handle).isEmpty());
    }
}
