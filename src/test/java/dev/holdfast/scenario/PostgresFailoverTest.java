package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.dev.LocalPostgres;
import dev.holdfast.support.Api;
import dev.holdfast.support.SwitchingProxy;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import dev.holdfast.support.TestWait;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** PostgreSQL fails over behind its address: buyers go on all the time, and recording and admins go on by themselves after it. */
class PostgresFailoverTest {

    /** Seconds on a quiet machine. */
    private static final Duration PATIENCE = TestWait.LIMIT;

    private static final String RESERVATIONS = "select count(*) from reservations";

    private static final String LISTENERS =
            "select count(*) from pg_stat_activity where application_name = 'holdfast listens'";

    private final String sale = "sale-" + UUID.randomUUID();
    private LocalPostgres first;
    private SwitchingProxy address;
    private TestNode node;
    private Api api;

    @BeforeEach
    void aNodeThatRecords() {
        first = TestServers.ownPostgres();
        address = new SwitchingProxy(first.port());
        String uri = "postgresql://postgres:postgres@127.0.0.1:" + address.port() + "/postgres";
        node = TestNode.start(TestServers.redisUri(), uri, UnaryOperator.identity());
        api = node.api();
        api.putSale(sale, false).must(201);
        api.putStock(sale, "A", 1_000).must(201);
        awaitRecorded(hold("before"));
    }

    @AfterEach
    void end() {
        node.close();
        address.close();
        first.kill();
    }

    @Test
    void whereOldConnectionsLeadToAServerThatOnlyReadsAllConnectAnew() {
        sql(first, "alter system set default_transaction_read_only = on", "select pg_reload_conf()");
        String meanwhile = hold("meanwhile");
        await().atMost(PATIENCE).until(() -> pause().equals("postgres-unavailable"));
        await().atMost(PATIENCE).until(() -> ready().contains("PostgreSQL only reads"));
        LocalPostgres second = TestServers.copyOf(first);

        address.leadTo(second.port());

        awaitRecorded(meanwhile);
        awaitRecorded(hold("after"));
        assertThat(api.turn(sale, "pause", "a drill").must(200).text("state")).isEqualTo("paused");
        assertThat(api.turn(sale, "resume", "it is over").must(200).text("state"))
                .isEqualTo("open");
        assertThat(api.audit(sale).must(200).body().path("balanced").asBoolean())
                .isTrue();
        await().atMost(PATIENCE).until(() -> ready().contains("\"postgres\":true"));
        assertThat(number(second, RESERVATIONS)).isEqualTo(3);
        assertThat(number(first, RESERVATIONS)).isEqualTo(1);
        await().atMost(PATIENCE).until(() -> number(second, LISTENERS) == 1);
        // Lookups lead there, too: the first server does not know what it is asked for.
        assertThat(api.send(api.onAdmin("GET", "/v1/admin/sales/" + sale + "/reservations?customerId=c-after", null))
                        .body()
                        .path("items"))
                .hasSize(1);
        second.kill();
    }

    @Test
    void whereOldConnectionsSayNothingAnyMoreAllConnectAnew() {
        address.silence();

        String meanwhile = hold("meanwhile");

        awaitRecorded(meanwhile);
        await().atMost(PATIENCE).until(() -> api.turn(sale, "pause", "a drill").status() == 200);
        // A statement on a new connection may be done before the watch has looked again.
        await().atMost(PATIENCE).until(() -> node.metric("holdfast_postgres_up") == 1);
    }

    @Test
    void anAdminIsAnsweredWithinSecondsWhereTheServerStandsStill() throws IOException {
        api.turn(sale, "pause", "a drill").must(200);
        api.turn(sale, "resume", "it is over").must(200);
        try (ServerSocket deaf = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            address.silence();
            address.leadTo(deaf.getLocalPort());
            long begun = System.nanoTime();

            Api.Answer first = api.turn(sale, "pause", "a drill");
            long took = System.nanoTime() - begun;
            Api.Answer second = api.turn(sale, "pause", "a drill");

            assertThat(first.code()).isIn("postgres-unavailable", "outcome-unknown");
            assertThat(second.code()).isEqualTo("postgres-unavailable");
            assertThat(Duration.ofNanos(took)).isLessThan(Duration.ofSeconds(15));
            address.leadTo(this.first.port());
        }
        await().atMost(PATIENCE).until(() -> api.turn(sale, "pause", "a drill").status() == 200);
    }

    @Test
    void connectionsThatBeganReadOnlyAreNotUsedForEver() {
        sql(first, "alter database postgres set default_transaction_read_only = on");
        terminateAll();
        String meanwhile = hold("meanwhile");
        await().atMost(PATIENCE).until(() -> pause().equals("postgres-unavailable"));

        sql(
                first,
                "set default_transaction_read_only = off",
                "alter database postgres reset default_transaction_read_only");

        awaitRecorded(meanwhile);
        await().atMost(PATIENCE).until(() -> api.turn(sale, "pause", "a drill").status() == 200);
    }

    @Test
    void connectionsMayBeEndedAgainAndAgain() {
        for (int round = 0; round < 5; round++) {
            terminateAll();
            awaitRecorded(hold("round-" + round));
        }

        assertThat(api.audit(sale).must(200).body().path("balanced").asBoolean())
                .isTrue();
    }

    private String ready() {
        return api.probe("/health/ready").must(200).text();
    }

    private String pause() {
        return api.turn(sale, "pause", "a drill").code();
    }

    private String hold(String name) {
        return api.hold(sale, "c-" + name, "A", 1).must(201).text("reservationId");
    }

    private void awaitRecorded(String reservation) {
        await().atMost(PATIENCE)
                .until(() -> api.reservation(sale, reservation)
                        .body()
                        .path("recorded")
                        .asBoolean());
    }

    private void terminateAll() {
        sql(first, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'holdfast'");
    }

    private static long number(LocalPostgres server, String sql) {
        try (Connection connection = connect(server);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot count: " + sql, e);
        }
    }

    private static void sql(LocalPostgres server, String... statements) {
        try (Connection connection = connect(server);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("cannot run " + String.join("; ", statements), e);
        }
    }

    private static Connection connect(LocalPostgres server) throws SQLException {
        URI uri = URI.create(server.uri());
        return DriverManager.getConnection(
                "jdbc:postgresql://%s:%d%s".formatted(uri.getHost(), uri.getPort(), uri.getPath()),
                "postgres",
                "postgres");
    }
}
