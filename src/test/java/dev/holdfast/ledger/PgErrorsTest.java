package dev.holdfast.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.ledger.PgErrors.Kind;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.VertxException;
import io.vertx.pgclient.PgException;
import java.net.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PgErrorsTest {

    @ParameterizedTest
    @ValueSource(strings = {"08006", "40P01", "53300", "57014", "57P01", "58030", "25006", "42P01", "42501", "XX000"})
    void noDataIsToBlame(String sqlState) {
        assertThat(PgErrors.kindOf(error(sqlState))).isEqualTo(Kind.TRANSIENT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"22021", "22003", "23502", "23514"})
    void theDataIsToBlame(String sqlState) {
        assertThat(PgErrors.kindOf(error(sqlState))).isEqualTo(Kind.PERMANENT);
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
        return new PgException("message", "ERROR", sqlState, null);
    }
}
