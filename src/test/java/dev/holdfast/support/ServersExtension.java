package dev.holdfast.support;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Ends the servers that a test class had for itself. JUnit finds it by itself, for all tests. */
public final class ServersExtension implements AfterAllCallback {

    @Override
    public void afterAll(ExtensionContext context) {
        boolean isOutermost = context.getRequiredTestClass().getEnclosingClass() == null;
        if (isOutermost) {
            TestServers.endOfClass();
        }
    }
}
