package dev.holdfast.support;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Has Awaitility wait as long as {@link TestWait} does. JUnit finds it by itself, for all tests. */
public final class PatienceExtension implements BeforeAllCallback {

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultTimeout(TestWait.LIMIT);
    }
}
