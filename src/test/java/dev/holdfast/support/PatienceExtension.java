package dev.holdfast.support;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Has Awaitility look at once and wait as long as {@link TestWait} does. JUnit finds it by itself, for all tests. */
public final class PatienceExtension implements BeforeAllCallback {

    /** Short, because most conditions are met at once, or within some milliseconds. */
    private static final Duration POLL_INTERVAL = Duration.ofMillis(50);

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultTimeout(TestWait.LIMIT);
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval(POLL_INTERVAL);
    }
}
