package dev.holdfast.support;

import dev.holdfast.Holdfast;
import dev.holdfast.Settings;
import dev.holdfast.Tuning;
import dev.holdfast.Wiring;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A whole node in this JVM, on free ports, with Vert.x's blocked-thread checker at its strictest. */
public final class TestNode implements AutoCloseable {

    /** The same on all test nodes: a retry at another node must find the same reservation. */
    public static final String SECRET = "a-secret-of-all-test-nodes-0123456789";

    /** Of all nodes of this JVM, the shared one too. It ends with the JVM. */
    private static final LoopGuard LOOPS =
            new LoopGuard(Tuning.defaults().watched().blockedAfter());

    private static TestNode shared;
    private static TestNode neighbour;

    private final Holdfast service;

    private TestNode(Holdfast service) {
        this.service = service;
    }

    /** One for the whole JVM, for tests that need no node of their own. It is on {@link TestServers#postgresUri}. */
    public static synchronized TestNode shared() {
        if (shared == null) {
            shared = startShared();
        }
        return shared;
    }

    /** Another node on the servers of the shared one, for tests that need two and none of their own. */
    public static synchronized TestNode neighbour() {
        if (neighbour == null) {
            neighbour = startShared();
        }
        return neighbour;
    }

    private static TestNode startShared() {
        TestNode node = start(TestServers.redisUri(), TestServers.postgresUri(), UnaryOperator.identity());
        Runtime.getRuntime().addShutdownHook(new Thread(node::close));
        return node;
    }

    /** On the shared Redis and a database of its own. */
    public static TestNode start() {
        return start(TestServers.redisUri(), TestServers.migratedDatabase(), UnaryOperator.identity());
    }

    /** On these servers; {@code tune} changes what the defaults for tests do not suit. */
    public static TestNode start(String redisUri, String postgresUri, UnaryOperator<Tuning> tune) {
        return start(redisUri, postgresUri, Settings.Rush.usual(), tune);
    }

    /** On the shared Redis and a fresh database; told to end, it goes on serving for so long. */
    public static TestNode startDraining(Duration drain) {
        return start(
                TestServers.redisUri(),
                TestServers.freshDatabase(),
                Settings.Rush.usual(),
                drain,
                UnaryOperator.identity());
    }

    /** The same with its own way through a rush. */
    public static TestNode start(String redisUri, String postgresUri, Settings.Rush rush, UnaryOperator<Tuning> tune) {
        return start(redisUri, postgresUri, rush, Duration.ZERO, tune);
    }

    private static TestNode start(
            String redisUri, String postgresUri, Settings.Rush rush, Duration drain, UnaryOperator<Tuning> tune) {
        TestDeployment.join(redisUri, postgresUri);
        return alone(redisUri, postgresUri, SECRET, rush, drain, tune);
    }

    /** On servers that need not belong together, with its own secret, or two with a comma between them. */
    public static TestNode alone(
            String redisUri, String postgresUri, String secret, Settings.Rush rush, UnaryOperator<Tuning> tune) {
        return alone(redisUri, postgresUri, secret, rush, Duration.ZERO, tune);
    }

    private static TestNode alone(
            String redisUri,
            String postgresUri,
            String secret,
            Settings.Rush rush,
            Duration drain,
            UnaryOperator<Tuning> tune) {
        Settings settings = new Settings(
                new Settings.Listener("127.0.0.1", 0),
                new Settings.Listener("127.0.0.1", 0),
                redisUri,
                postgresUri,
                secret,
                new Settings.Keys(Map.of("test", Api.CHECKOUT_KEY)),
                new Settings.Keys(Map.of("test", Api.ADMIN_KEY)),
                List.of(),
                true,
                rush,
                Settings.Keeping.usual(),
                drain);
        Tuning tuning = tune.apply(Tuning.defaults().watched());
        return LOOPS.deafDuring(() -> new TestNode(TestWait.of(Wiring.start(settings, tuning))));
    }

    /** What Vert.x warned of since this was last asked, on the loops of all nodes once they had started. */
    static List<String> takeLoopWarnings() {
        return LOOPS.takeWarnings();
    }

    /** Where buyers' services call. */
    public URI publicUri() {
        return URI.create("http://127.0.0.1:" + service.publicPort());
    }

    /** Where admins call. */
    public URI adminUri() {
        return URI.create("http://127.0.0.1:" + service.adminPort());
    }

    /** Calls this node. */
    public Api api() {
        return new Api(publicUri(), adminUri());
    }

    /** A meter's value, by its name and tags as Prometheus reads them; 0 where there is none yet. */
    public double metric(String name) {
        return api().probe("/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith(name + ' '))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .sum();
    }

    @Override
    public void close() {
        TestWait.of(service.close());
    }
}
