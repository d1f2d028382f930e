package dev.holdfast.ledger;

import static dev.holdfast.ledger.TestBooks.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.dev.LocalPostgres;
import dev.holdfast.support.SwitchingProxy;
import dev.holdfast.support.TestDatabase;
import dev.holdfast.support.TestServers;
import dev.holdfast.support.TestWait;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.dns.AddressResolverOptions;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node knows within seconds whether PostgreSQL takes what is to be recorded, and why not. */
class ServerWatchTest {

    private static final Duration PATIENCE = TestWait.LIMIT;

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        await(vertx.close());
    }

    @Test
    void aNodesRowIsThereForAsLongAsItWrites() {
        TestDatabase db = migrated();
        db.change("insert into nodes (node_id, seen_at) values ('gone', now() - interval '2 days')");

        Postgres postgres = Postgres.openForNode(vertx, db.uri(), "node-1");

        await().atMost(PATIENCE).until(postgres::canWrite);
        String first = db.rows("select seen_at from nodes where node_id = 'node-1'")
                .getFirst()
                .getFirst();
        await().atMost(PATIENCE)
                .until(() -> !db.rows("select seen_at from nodes where node_id = 'node-1'")
                        .getFirst()
                        .getFirst()
                        .equals(first));
        assertThat(db.rows("select node_id from nodes")).hasSize(1);
        await(postgres.close());
        assertThat(db.rows("select node_id from nodes")).isEmpty();
        assertThat(postgres.canWrite()).isFalse();
    }

    @Test
    void aDatabaseThatOnlyReadsIsUpAndIsNotWrittenTo() {
        TestDatabase db = migrated();
        String name = db.uri().substring(db.uri().lastIndexOf('/') + 1);
        db.change("alter database " + name + " set default_transaction_read_only = on");

        Postgres node = Postgres.openForNode(vertx, db.uri(), "node-1");
        Postgres command = Postgres.open(vertx, db.uri());

        await().atMost(PATIENCE).until(() -> node.writeProblem().orElse("").contains("only reads"));
        await().atMost(PATIENCE).until(() -> command.writeProblem().orElse("").contains("only reads"));
        assertThat(node.up()).isTrue();
        assertThat(node.canWrite()).isFalse();
        db.change("begin read write; alter database " + name + " reset default_transaction_read_only; commit");
        await().atMost(PATIENCE).until(node::canWrite);
        await().atMost(PATIENCE).until(command::canWrite);
        await(node.close());
        await(command.close());
    }

    @Test
    void aTableThatIsMissingIsNamed() {
        TestDatabase db = migrated();
        Postgres postgres = Postgres.openForNode(vertx, db.uri(), "node-1");
        await().atMost(PATIENCE).until(postgres::canWrite);

        db.change("alter table ledger_batches rename to hidden");

        await().atMost(PATIENCE)
                .until(() -> postgres.writeProblem().orElse("").equals("PostgreSQL lacks ledger_batches"));
        assertThat(postgres.up()).isTrue();
        db.change("alter table hidden rename to ledger_batches");
        await().atMost(PATIENCE).until(postgres::canWrite);
        await(postgres.close());
    }

    @Test
    void aFullDiskIsKnownFromWhatCouldNotBeWritten() {
        TestDatabase db = migrated();
        db.change("""
                create function full_disk() returns trigger language plpgsql as $$
                begin
                    raise exception 'could not extend file: No space left on device' using errcode = 'disk_full';
                end
                $$
                """);
        db.change("create trigger full_disk before insert on events for each row execute function full_disk()");
        Postgres postgres = Postgres.openForNode(vertx, db.uri(), "node-1");
        await().atMost(PATIENCE).until(postgres::canWrite);

        TestBooks.failureOf(postgres.inTransaction(
                "record",
                connection -> connection
                        .query(
                                "insert into events (type, sale_id, subject, at, data) values ('t', 's', 'x', now(), '{}')")
                        .execute()));

        assertThat(postgres.canWrite()).isFalse();
        assertThat(postgres.writeProblem())
                .hasValueSatisfying(why -> assertThat(why).contains("No space left"));
        await().atMost(PATIENCE).until(postgres::canWrite);
        await(postgres.close());
    }

    @Test
    void aNameThatComesToStandForAnotherServerIsFollowed(@TempDir Path folder) throws IOException {
        Path hosts = folder.resolve("hosts");
        Files.writeString(hosts, "127.0.0.1 books.test\n");
        LocalPostgres first = TestServers.ownPostgres();
        LocalPostgres second = TestServers.ownPostgres();
        Vertx resolving = Vertx.vertx(new VertxOptions()
                .setAddressResolverOptions(new AddressResolverOptions()
                        .setHostsPath(hosts.toString())
                        .setHostsRefreshPeriod(100)));
        try (SwitchingProxy there = new SwitchingProxy(first.port());
                SwitchingProxy elsewhere =
                        new SwitchingProxy(InetAddress.getByName("127.0.0.2"), there.port(), second.port())) {
            Postgres postgres =
                    Postgres.open(resolving, "postgresql://postgres:postgres@books.test:" + there.port() + "/postgres");
            Postgres lookups = postgres.forLookups();
            AtomicInteger renewals = new AtomicInteger();
            postgres.onRenewal(renewals::incrementAndGet);
            await().atMost(PATIENCE).until(postgres::up);
            assertThat(portOf(postgres)).isEqualTo(first.port());
            assertThat(portOf(lookups)).isEqualTo(first.port());

            Files.writeString(hosts, "127.0.0.2 books.test\n");
            first.kill();

            await().atMost(PATIENCE).until(() -> renewals.get() > 0);
            assertThat(portOf(postgres)).isEqualTo(second.port());
            assertThat(portOf(lookups)).isEqualTo(second.port());
            assertThat(elsewhere.port()).isEqualTo(there.port());
            await(lookups.close());
            await(postgres.close());
        } finally {
            await(resolving.close());
            second.kill();
        }
    }

    private static int portOf(Postgres postgres) {
        return Objects.requireNonNull(await(postgres.query("find port", "select inet_server_port()", Tuple.tuple()))
                .iterator()
                .next()
                .getInteger(0));
    }

    private static TestDatabase migrated() {
        TestDatabase db = new TestDatabase();
        Migrations.run(db.uri());
        return db;
    }
}
