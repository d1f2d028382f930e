package dev.holdfast.support;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test in which an event loop of a {@link TestNode} was kept busy for too long. JUnit finds it by itself, for all tests. */
public final class LoopGuardExtension implements AfterEachCallback, AfterAllCallback {

    @Override
    public void afterEach(ExtensionContext context) {
        requireFreeLoops();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        requireFreeLoops();
    }

    private static void requireFreeLoops() {
        assertThat(TestNode.takeLoopWarnings()).as("blocked event loops").isEmpty();
    }
}
