package dev.holdfast.ledger;

import dev.holdfast.reservation.Unavailable;
import io.vertx.core.VertxException;
import io.vertx.pgclient.PgException;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What a failure of PostgreSQL or its driver means for whoever waits: the one place that reads SQLSTATEs. */
final class PgErrors {

    /** What to do about it. */
    enum Kind {
        /** No data is to blame: the same will work later. */
        TRANSIENT,
        /** This data can never be stored. */
        PERMANENT,
        /** The books would not add up: a person has to look. */
        STOCK_VIOLATION
    }

    private static final String CHECK_VIOLATION = "23514";

    private PgErrors() {}

    /**
     * SQLSTATE classes 22 (data) and 23 (integrity) blame the data. All else is transient, class 42 too: our statements are fixed,
     * so a missing table or permission is no entry's fault, and no entry may be put aside for it.
     */
    static Kind kindOf(Throwable failure) {
        if (failure instanceof BooksDoNotAddUp) {
            return Kind.STOCK_VIOLATION;
        }
        if (!(failure instanceof PgException error) || error.getSqlState() == null) {
            return Kind.TRANSIENT;
        }
        if (error.getSqlState().equals(CHECK_VIOLATION) && "stock_adds_up".equals(error.getConstraint())) {
            return Kind.STOCK_VIOLATION;
        }
        return error.getSqlState().startsWith("22") || error.getSqlState().startsWith("23")
                ? Kind.PERMANENT
                : Kind.TRANSIENT;
    }

    /** The failure as callers know it: {@link Unavailable} where PostgreSQL is away, else itself. */
    static Throwable named(String operation, Throwable failure) {
        boolean away = failure instanceof PgException error
                ? isAway(error.getSqlState())
                : failure instanceof VertxException
                        || failure instanceof IOException
                        || failure instanceof TimeoutException;
        return away
                ? new Unavailable(
                        Unavailable.Reason.POSTGRES_UNAVAILABLE, operation + ": " + failure.getMessage(), failure)
                : failure;
    }

    /** As {@link #named} after a transaction began: the connection may have broken when its commit had arrived. */
    static Throwable namedInTransaction(String operation, Throwable failure) {
        Throwable named = named(operation, failure);
        return named instanceof Unavailable && !(failure instanceof PgException)
                ? new Unavailable(Unavailable.Reason.OUTCOME_UNKNOWN, operation + ": " + failure.getMessage(), failure)
                : named;
    }

    /** The failure in a line for people, with PostgreSQL's detail. */
    static String told(Throwable failure) {
        return failure instanceof PgException error && error.getDetail() != null
                ? error.getErrorMessage() + ": " + error.getDetail()
                : String.valueOf(failure.getMessage());
    }

    /** 08 connection, 40 deadlock and its like, 53 resources, 57 shut down or cancelled, 58 its own system; 25006 a standby. */
    private static boolean isAway(@Nullable String sqlState) {
        return sqlState != null
                && (sqlState.equals("25006")
                        || sqlState.startsWith("08")
                        || sqlState.startsWith("40")
                        || sqlState.startsWith("53")
                        || sqlState.startsWith("57")
                        || sqlState.startsWith("58"));
    }
}
