package dev.holdfast.ledger;

import static dev.holdfast.ledger.TestBooks.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.support.Api;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Tuple;
import java.net.URI;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A role that owns nothing runs the service, and cannot touch what was written once. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServiceRoleTest {

    private final String ownerUri = TestServers.freshDatabase();
    private final String role = "service " + UUID.randomUUID();
    private TestBooks owner;
    private TestBooks service;
    private String serviceUri;

    @BeforeAll
    void theRoleIsGrantedWhatTheServiceNeeds() {
        owner = TestBooks.migrated(ownerUri);
        owner.sql("create role \"" + role + "\" login password 'a-password'");
        ServiceRole.grant(ownerUri, role);
        URI uri = URI.create(ownerUri);
        serviceUri = "postgresql://%s:a-password@%s:%d%s"
                .formatted(role.replace(" ", "%20"), uri.getHost(), uri.getPort(), uri.getPath());
        service = TestBooks.migrated(serviceUri);
    }

    @AfterAll
    void close() {
        service.close();
        owner.sql("drop owned by \"" + role + '"');
        owner.sql("drop role \"" + role + '"');
        owner.close();
    }

    @Test
    void aNodeSellsAndRecordsAndIsAdministeredUnderIt() {
        String sale = "restricted-" + UUID.randomUUID();

        try (TestNode node = TestNode.start(TestServers.redisUri(), serviceUri, UnaryOperator.identity())) {
            Api api = node.api();
            api.putSale(sale, true).must(201);
            api.putStock(sale, "A", 10).must(201);
            String reservation = api.hold(sale, "c", "A", 2).must(201).text("reservationId");
            api.confirm(sale, reservation).must(200);
            api.turn(sale, "pause", "a price is wrong").must(200);
            api.turn(sale, "resume", "it is right").must(200);
            api.advanceClock(sale, 60).must(200);
            String key = api.send(api.onAdmin("POST", "/v1/admin/keys", "{\"name\":\"k\",\"scope\":\"read\"}"))
                    .must(201)
                    .text("keyId");
            api.send(api.onAdmin("POST", "/v1/admin/keys/" + key + "/revoke", "{\"reason\":\"a test\"}"))
                    .must(200);

            assertThat(api.audit(sale).must(200).body().path("balanced").asBoolean())
                    .isTrue();
        }
        assertThat(owner.number("select count(*) from admin_actions where sale_id = $1", sale))
                .isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "update admin_actions set actor = 'nobody'",
                "delete from admin_actions",
                "truncate admin_actions",
                "alter table admin_actions disable trigger append_only",
                "update ledger_batches set entries = null",
                "delete from ledger_batches",
                "drop table ledger_batches",
                "update events set data = null",
                "delete from stock",
                "delete from adjustments",
                "delete from api_keys",
                "update flyway_schema_history set success = false",
                "create table other (id int)"
            })
    void whatTheServiceDoesNotNeedIsRefusedByPostgres(String sql) {
        Throwable failure = failureOf(service.postgres.query("test", sql, Tuple.tuple()));

        assertThat(failure)
                .isInstanceOfSatisfying(
                        PgException.class,
                        error -> assertThat(error.getSqlState()).isEqualTo("42501"));
    }

    @Test
    void everyTableAndViewHasItsLine() {
        assertThat(owner.text("""
                select string_agg(c.relname, ', ') from pg_class c
                where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'p') and not c.relispartition
                  and not has_table_privilege($1, c.oid, 'select')
                """, role)).isNull();
    }

    @Test
    void whatIsMissingIsNotAppliedUnderIt() {
        String empty = TestServers.freshDatabase();
        try (TestBooks db = TestBooks.migrated(empty)) {
            String last = db.text("select version from flyway_schema_history order by installed_rank desc limit 1");
            db.sql("delete from flyway_schema_history where version = $1", last);
            db.sql("grant select on flyway_schema_history to \"" + role + '"');
            String uri = serviceUri.replace(
                    URI.create(ownerUri).getPath(), URI.create(empty).getPath());

            assertThatThrownBy(() -> Migrations.run(uri))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("PostgreSQL lacks V" + last
                            + " of the schema: run `migrate` as the role that owns the tables");
            db.sql("drop owned by \"" + role + '"');
        }
    }

    @Test
    void theOwnerIsNoServiceRole() {
        String user = URI.create(ownerUri).getUserInfo().split(":", 2)[0];

        assertThatThrownBy(() -> ServiceRole.grant(ownerUri, user)).hasMessageContaining("nothing can be kept from it");
    }

    @Test
    void aRoleThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> ServiceRole.grant(ownerUri, "nobody\"; drop table sales; --"))
                .hasMessageStartingWith("PostgreSQL has no role nobody");
    }
}
