package dev.holdfast.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.ledger.PgErrors.Kind;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.VertxException;
import io.vertx.pgclient.PgException;
import java.net.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PgErrorsTest {

    @ParameterizedTest
    @ValueSource(strings = {"08006", "40P01", "53300", "57014", "57P01", "58030", "25006", "42P01", "42501", "XX000"})
    void noDataIsToBlame(String sqlState) {
        assertThat(PgErrors.kindOf(error(sqlState))).isEqualTo(Kind.TRANSIENT);
    }

    @ParameterizedTest
    @CsvSource({
        "22021,",
        "22P05,",
        "22003,",
        "22P02,",
        "22008,",
        "23505, audits_place",
        "23505, reservations_pkey",
        "23505, reservations_20261120_pkey",
        "23514, reservations_state_check"
    })
    void theDataIsToBlame(String sqlState, String constraint) {
        assertThat(PgErrors.kindOf(error(sqlState, constraint, null))).isEqualTo(Kind.PERMANENT);
    }

    @Test
    void peopleAreToldWhatIsWrongAndNeitherClassesNorRows() {
        PgException refused = new PgException(
                "new row for relation \"stock\" violates check constraint \"stock_adds_up\"",
                "ERROR",
                "23514",
                "Failing row contains (shoes, 0, A, 10, -1).");

        assertThat(PgErrors.told(refused)).doesNotContain("Failing row", "PgException", "io.vertx");
        assertThat(PgErrors.told(error("23514", "stock_adds_up", null))).contains("would not add up");
        assertThat(PgErrors.told(new IllegalStateException())).doesNotContain("null", "Exception");
    }

    @ParameterizedTest
    @CsvSource({
        "25006, only reads",
        "53100, disk is full",
        "53300, no connection left",
        "57014, did not finish it in time",
        "57P01, is being shut down",
        "08006, cannot be reached"
    })
    void callersAreToldWhatIsWrongWithPostgresql(String sqlState, String told) {
        Throwable named = PgErrors.named("test", error(sqlState));

        assertThat(named).isInstanceOfSatisfying(Unavailable.class, unavailable -> {
            assertThat(unavailable.reason()).isEqualTo(Unavailable.Reason.POSTGRES_UNAVAILABLE);
            assertThat(unavailable.told())
                    .hasValueSatisfying(
                            sentence -> assertThat(sentence).contains(told).endsWith("."));
        });
    }

    @Test
    void whatAnotherServerRefusedInATransactionIsNotPostgresqlsDoing() {
        Unavailable full = new Unavailable(Unavailable.Reason.OVERLOADED, "Redis is full.", "a script", null);

        assertThat(PgErrors.namedInTransaction("test", full)).isSameAs(full);
    }

    @Test
    void aMissingValueOfAColumnIsTheDatasFaultAndNoOther() {
        assertThat(PgErrors.kindOf(error("23502", null, "customer_id"))).isEqualTo(Kind.PERMANENT);
        assertThat(PgErrors.kindOf(error("23502", null, null))).isEqualTo(Kind.TRANSIENT);
    }

    @ParameterizedTest
    @CsvSource({
        "23514,",
        "23514, of_somebody_else",
        "23505,",
        "23505, lanes_pkey",
        "23503, stock_sale_id_lane_fkey",
        "22012,",
        "23P01,"
    })
    void whatIsNotKnownToComeFromTheDataWaits(String sqlState, String constraint) {
        assertThat(PgErrors.kindOf(error(sqlState, constraint, null))).isEqualTo(Kind.TRANSIENT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"stock_adds_up", "stock_pending_check"})
    void countsThatCannotBeAreAMatterOfTheBooks(String constraint) {
        assertThat(PgErrors.kindOf(error("23514", constraint, null))).isEqualTo(Kind.STOCK_VIOLATION);
    }

    @Test
    void theConstraintsThatAreNamedHereAreThoseOfTheTables() {
        try (TestBooks db = TestBooks.fresh()) {
            long there = db.number("""
                    select count(distinct conname) from pg_constraint
                    where conname in ('audits_pkey', 'reservations_pkey', 'reservations_state_check', 'stock_adds_up', 'stock_pending_check',
                                      'reservations_lines_change_by_replacement_only')
                    """);
            long indexes = db.number("select count(*) from pg_class where relname = 'audits_place'");

            assertThat(there).isEqualTo(6);
            assertThat(indexes).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"08006", "40P01", "53300", "57P01", "58030", "25006"})
    void serversInTroubleAreUnavailable(String sqlState) {
        assertThat(PgErrors.named("reading", error(sqlState))).isInstanceOf(Unavailable.class);
    }

    @Test
    void connectionsThatFailAreUnavailableAndBugsAreNot() {
        IllegalStateException bug = new IllegalStateException("bug");

        assertThat(PgErrors.named("reading", new ConnectException("refused"))).isInstanceOf(Unavailable.class);
        assertThat(PgErrors.named("reading", VertxException.noStackTrace("Timeout")))
                .isInstanceOf(Unavailable.class);
        assertThat(PgErrors.named("reading", bug)).isSameAs(bug);
        assertThat(PgErrors.named("reading", error("42P01"))).isInstanceOf(PgException.class);
    }

    private static PgException error(String sqlState) {
        return error(sqlState, null, null);
    }

    private static PgException error(String sqlState, String constraint, String column) {
        return new PgException(
                "message",
                "ERROR",
                sqlState,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                column,
                null,
                constraint);
    }
}
