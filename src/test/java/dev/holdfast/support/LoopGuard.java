package dev.holdfast.scenario;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

/**
 * Hears Vert.x warn of event loops that were kept busy for too long. A machine that stood still as a whole is no such loop: a
 * thread that does nothing but look at the clock tells the one from the other.
 */
final class LoopGuard implements AutoCloseable {

    private static final Duration TICK = Duration.ofMillis(20);

    /** A clock watcher this late within the last seconds excuses a loop. */
    private static final Duration STANDSTILL = Duration.ofMillis(200);

    private static final Duration REMEMBERED = Duration.ofSeconds(3);

    private final Logger logger = (Logger) LoggerFactory.getLogger("io.vertx.core.impl.BlockedThreadChecker");
    private final List<String> warnings = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService clockWatcher = Executors.newSingleThreadScheduledExecutor();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            hear(event.getFormattedMessage());
        }
    };
    private volatile long lastTick = System.nanoTime();
    private volatile long lastStandstill = System.nanoTime() - REMEMBERED.toNanos();

    LoopGuard() {
        var unused = clockWatcher.scheduleAtFixedRate(this::tick, 0, TICK.toMillis(), TimeUnit.MILLISECONDS);
        appender.setContext(logger.getLoggerContext());
        appender.start();
        logger.addAppender(appender);
    }

    /** What was warned of so far, each with what the loop was at when it was noticed. */
    List<String> warnings() {
        return List.copyOf(warnings);
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
        if (System.nanoTime() - lastStandstill >= REMEMBERED.toNanos()) {
            warnings.add(warning + stackOf(warning));
        }
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
