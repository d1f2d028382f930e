package dev.holdfast.scenario;

import dev.holdfast.Holdfast;
import dev.holdfast.Settings;
import dev.holdfast.Tuning;
import dev.holdfast.Wiring;
import dev.holdfast.support.Api;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestWait;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A node as {@link AlteredNode} starts it, by names and types of the JDK: this class is loaded a second time, together with the altered
 * program, and so is another one than where it is called from.
 */
public final class NodeInside implements AutoCloseable {

    private final Holdfast service;

    /** Starts a node, and waits for it. */
    public NodeInside(String redisUri, String postgresUri) {
        Settings settings = new Settings(
                new Settings.Listener("127.0.0.1", 0),
                new Settings.Listener("127.0.0.1", 0),
                redisUri,
                postgresUri,
                TestNode.SECRET,
                new Settings.Keys(Map.of("test", Api.CHECKOUT_KEY)),
                new Settings.Keys(Map.of("test", Api.ADMIN_KEY)),
                List.of(),
                true,
                Settings.Rush.usual(),
                Settings.Keeping.usual(),
                Duration.ZERO);
        service = TestWait.of(Wiring.start(settings, Tuning.defaults()));
    }

    /** Where buyers' services call. */
    public int publicPort() {
        return service.publicPort();
    }

    /** Where admins call. */
    public int adminPort() {
        return service.adminPort();
    }

    @Override
    public void close() {
        TestWait.of(service.close());
    }
}
