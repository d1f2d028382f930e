package dev.holdfast.support;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

/**
 * Hears Vert.x warn of event loops that were kept busy for longer than one limit; other limits are other people's. A machine that stood still as a whole is no such loop: a
 * thread that does nothing but look at the clock tells the one from the other. Nor is one that got little of a busy machine: where
 * three programs want each processor, a loop may take three times as long.
 */
final class LoopGuard implements AutoCloseable {

    private static final Duration TICK = Duration.ofMillis(20);

    /** A clock watcher this late within the last seconds excuses a loop. */
    private static final Duration STANDSTILL = Duration.ofMillis(200);

    private static final Duration REMEMBERED = Duration.ofSeconds(3);

    private static final Pattern BLOCKED_MS = Pattern.compile("has been blocked for (\\d+) ms");

    private static final OperatingSystemMXBean MACHINE = ManagementFactory.getOperatingSystemMXBean();

    private final Logger logger = (Logger) LoggerFactory.getLogger("io.vertx.core.impl.BlockedThreadChecker");
    private final String limitText;
    private final Duration limit;
    private final AtomicInteger starts = new AtomicInteger();
    private final BlockingQueue<String> warnings = new LinkedBlockingQueue<>();
    private final ScheduledExecutorService clockWatcher = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("loop-guard").factory());
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            hear(event.getFormattedMessage());
        }
    };
    private volatile long lastTick = System.nanoTime();
    private volatile long lastStandstill = System.nanoTime() - REMEMBERED.toNanos();

    LoopGuard(Duration limit) {
        this.limit = limit;
        limitText = "time limit is " + limit.toMillis() + " ms";
        var unused = clockWatcher.scheduleAtFixedRate(this::tick, 0, TICK.toMillis(), TimeUnit.MILLISECONDS);
        appender.setContext(logger.getLoggerContext());
        appender.start();
        logger.addAppender(appender);
    }

    /** Hears nothing meanwhile: a first start loads classes for longer than any loop should be busy. */
    <T> T deafDuring(Supplier<T> start) {
        starts.incrementAndGet();
        try {
            return start.get();
        } finally {
            starts.decrementAndGet();
        }
    }

    /** What was warned of since this was last asked, each with what the loop was at when it was noticed. */
    List<String> takeWarnings() {
        List<String> taken = new ArrayList<>();
        warnings.drainTo(taken);
        return taken;
    }

    @Override
    public void close() {
        logger.detachAppender(appender);
        appender.stop();
        clockWatcher.shutdownNow();
    }

    private void tick() {
        long now = System.nanoTime();
        if (now - lastTick > STANDSTILL.toNanos()) {
            lastStandstill = now;
        }
        lastTick = now;
    }

    private void hear(String warning) {
        tick();
        boolean ours =
                warning.contains(limitText) && starts.get() == 0 && isLongOn(warning, programsForEachProcessor());
        if (ours && System.nanoTime() - lastStandstill >= REMEMBERED.toNanos()) {
            warnings.add(warning + stackOf(warning));
        }
    }

    /** Vert.x warns again while it lasts: a loop that is really blocked is heard of a little later. */
    private boolean isLongOn(String warning, double shares) {
        Matcher blocked = BLOCKED_MS.matcher(warning);
        return !blocked.find() || Long.parseLong(blocked.group(1)) >= limit.toMillis() * shares;
    }

    /** 1 on a quiet machine; by the last minute. */
    private static double programsForEachProcessor() {
        return Math.max(1, MACHINE.getSystemLoadAverage() / MACHINE.getAvailableProcessors());
    }

    private static String stackOf(String warning) {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(entry -> warning.contains(entry.getKey().getName() + " "))
                .map(entry -> Arrays.stream(entry.getValue())
                        .map(frame -> System.lineSeparator() + "    at " + frame)
                        .collect(Collectors.joining()))
                .collect(Collectors.joining(System.lineSeparator()));
    }
}
