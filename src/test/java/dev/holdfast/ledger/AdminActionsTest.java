package dev.holdfast.ledger;

import static dev.holdfast.ledger.TestBooks.await;
import static dev.holdfast.ledger.TestBooks.failureOf;
import static dev.holdfast.ledger.TestBooks.sale;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.SaleId;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AdminActionsTest {

    private static final AdminAction PAUSE = new AdminAction(
            new Author("alice", "console", "trace-1"), AdminAction.Kind.SALE_PAUSED, "a price is wrong");

    private final SaleId saleId = TestBooks.newSaleId();
    private TestBooks db;

    @BeforeAll
    void aSaleIsPaused() {
        db = TestBooks.fresh();
        await(db.books.sales().change(TestBooks.ACTION, saleId, before -> sale(saleId)));
        await(db.books.sales().change(PAUSE, saleId, before -> paused(before.orElseThrow())));
    }

    @AfterAll
    void close() {
        db.close();
    }

    @Test
    void aChangeIsWrittenDownWithWhoAndWhyAndWhatItWasBefore() {
        Row row = db.sql("select * from admin_actions where sale_id = $1 and action = 'sale.paused'", saleId.value())
                .iterator()
                .next();

        assertThat(row.getString("actor")).isEqualTo("alice");
        assertThat(row.getString("key_name")).isEqualTo("console");
        assertThat(row.getString("request_id")).isEqualTo("trace-1");
        assertThat(row.getString("reason")).isEqualTo("a price is wrong");
        assertThat(row.getJsonObject("before").getString("state")).isEqualTo("open");
        assertThat(row.getJsonObject("after").getString("state")).isEqualTo("paused");
        assertThat(row.getOffsetDateTime("at")).isNotNull();
    }

    @Test
    void theCreationOfASaleHasNothingBefore() {
        Row row = db.sql("select * from admin_actions where sale_id = $1 and action = 'sale.created'", saleId.value())
                .iterator()
                .next();

        assertThat(row.getJsonObject("before")).isNull();
        assertThat(row.getJsonObject("after").getString("name")).isEqualTo("Shoes");
    }

    @Test
    void whatChangesNothingIsNoAction() {
        long before = db.number("select count(*) from admin_actions where sale_id = $1", saleId.value());

        await(db.books.sales().change(PAUSE, saleId, there -> there.orElseThrow()));

        assertThat(db.number("select count(*) from admin_actions where sale_id = $1", saleId.value()))
                .isEqualTo(before);
    }

    @Test
    void anActionThatIsRolledBackLeavesNoTrace() {
        SaleId other = TestBooks.newSaleId();

        Throwable failure = failureOf(db.postgres.inTransaction(
                "test",
                connection -> AdminActions.add(connection, PAUSE, other, null, null, null)
                        .compose(added -> connection
                                .preparedQuery("select 1 / 0")
                                .execute(Tuple.tuple())
                                .mapEmpty())));

        assertThat(failure).isInstanceOf(PgException.class);
        assertThat(db.number("select count(*) from admin_actions where sale_id = $1", other.value()))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "update admin_actions set actor = 'nobody'",
                "delete from admin_actions",
                "truncate admin_actions"
            })
    void theTrailTakesNoChange(String sql) {
        long before = db.number("select count(*) from admin_actions");

        Throwable failure = failureOf(db.postgres.query("test", sql, Tuple.tuple()));

        assertThat(failure).isInstanceOf(PgException.class).hasMessageContaining("append-only");
        assertThat(db.number("select count(*) from admin_actions")).isEqualTo(before);
    }

    private static Sale paused(Sale sale) {
        return sale.turned(Sale.Switch.PAUSED, "a price is wrong");
    }
}
