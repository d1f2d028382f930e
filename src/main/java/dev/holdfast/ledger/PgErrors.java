package dev.holdfast.ledger;

import dev.holdfast.reservation.Unavailable;
import io.vertx.core.VertxException;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgException;
import java.io.IOException;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
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

    private static final String NOT_NULL_VIOLATION = "23502";

    private static final String UNIQUE_VIOLATION = "23505";

    private static final String CHECK_VIOLATION = "23514";

    /** A text or a number that PostgreSQL cannot store or read, whatever happens around it. */
    private static final Set<String> OF_DATA = Set.of(
            "22021", // character not in repertoire: a NUL
            "22P05", // untranslatable character
            "22003", // numeric value out of range
            "22P02", // invalid text representation
            "22008"); // datetime field overflow

    /** The last line of defence for the counts. */
    private static final Set<String> OF_STOCK = Set.of("stock_adds_up", "stock_pending_check");

    /** What else of our constraints an entry of the ledger can violate, by name. */
    private static final Set<String> OF_ENTRIES = Set.of(
            "audits_pkey", "audits_place", "reservations_state_check", "reservations_lines_change_by_replacement_only");

    /** Of the table of reservations, or of a part of it. */
    private static final Pattern RESERVATIONS_KEY = Pattern.compile("reservations(_.*)?_pkey");

    private static final String READ_ONLY = "25006";

    private static final String DISK_FULL = "53100";

    /** What {@link #READ_ONLY} means, for people. */
    static final String READS_ONLY = "PostgreSQL only reads: it is a standby, or was set to read-only";

    /** By an admin, after a crash of another process, and not yet taking connections. */
    private static final Set<String> SHUT_DOWN = Set.of("57P01", "57P02", "57P03");

    private static final Set<String> KEEPS_FROM_WRITING = Set.of(
            READ_ONLY, DISK_FULL, "53200", // out of memory
            "58030", // an error of the disk
            "XX001", // damaged data
            "XX002", // damaged index
            "42P01", // no such table
            "42703", // no such column
            "42501"); // no permission

    private PgErrors() {}

    /**
     * Only what is known to come from the data blames the data: a few SQLSTATEs, a null in a column, and the constraints of ours that an
     * entry can violate, by name. All else is transient: a row that meets a partition which is attached at that moment violates a
     * constraint without a name, and a missing table or permission is no entry's fault, because our statements are fixed.
     */
    static Kind kindOf(Throwable failure) {
        if (failure instanceof BooksDoNotAddUp) {
            return Kind.STOCK_VIOLATION;
        }
        if (failure instanceof Contradiction) {
            return Kind.PERMANENT;
        }
        if (!(failure instanceof PgException error) || error.getSqlState() == null) {
            return Kind.TRANSIENT;
        }
        String constraint = Objects.requireNonNullElse(error.getConstraint(), "");
        return switch (error.getSqlState()) {
            case CHECK_VIOLATION ->
                OF_STOCK.contains(constraint) ? Kind.STOCK_VIOLATION : permanentIf(OF_ENTRIES.contains(constraint));
            case UNIQUE_VIOLATION ->
                permanentIf(OF_ENTRIES.contains(constraint)
                        || RESERVATIONS_KEY.matcher(constraint).matches());
            case NOT_NULL_VIOLATION -> permanentIf(error.getColumn() != null);
            default -> permanentIf(OF_DATA.contains(error.getSqlState()));
        };
    }

    private static Kind permanentIf(boolean dataIsToBlame) {
        return dataIsToBlame ? Kind.PERMANENT : Kind.TRANSIENT;
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
                        Unavailable.Reason.POSTGRES_UNAVAILABLE,
                        whyAway(failure),
                        operation + ": " + told(failure),
                        failure)
                : failure;
    }

    /** What is wrong with PostgreSQL, in a sentence that callers may read. */
    private static String whyAway(Throwable failure) {
        String state = failure instanceof PgException error ? error.getSqlState() : null;
        if (state != null) {
            return switch (state) {
                case READ_ONLY -> READS_ONLY + '.';
                case DISK_FULL -> "PostgreSQL's disk is full.";
                case "53200" -> "PostgreSQL has no memory left.";
                case "53300" -> "PostgreSQL has no connection left.";
                case "57014", "55P03" -> "PostgreSQL did not finish it in time.";
                case "58030" -> "PostgreSQL cannot read or write its disk.";
                default ->
                    SHUT_DOWN.contains(state)
                            ? "PostgreSQL is being shut down or started."
                            : state.startsWith("40")
                                    ? "PostgreSQL gave way to another transaction."
                                    : "PostgreSQL cannot be reached.";
            };
        }
        return failure instanceof TimeoutException
                ? "PostgreSQL did not answer in time."
                : "PostgreSQL cannot be reached.";
    }

    /** As {@link #named} after a transaction began: the connection may have broken when its commit had arrived. */
    static Throwable namedInTransaction(String operation, Throwable failure) {
        if (failure instanceof Unavailable) {
            // The work itself has failed, with another server: nothing was committed.
            return failure;
        }
        Throwable named = named(operation, failure);
        return named instanceof Unavailable && !(failure instanceof PgException)
                ? new Unavailable(Unavailable.Reason.OUTCOME_UNKNOWN, operation + ": " + told(failure), failure)
                : named;
    }

    /** Whether the server that was asked takes no writes, and may have been another one's place: its connection works, and is no good. */
    static boolean readsOnly(Throwable failure) {
        return failure instanceof PgException error && READ_ONLY.equals(error.getSqlState());
    }

    /** Whether the server ended the connection, or is about to: it is shut down, it crashed, or it does not take connections. */
    static boolean endedTheConnection(Throwable failure) {
        return failure instanceof PgException error && isGone(error);
    }

    /** As {@link #endedTheConnection}, of what PostgreSQL said itself. */
    static boolean isGone(PgException error) {
        String state = error.getSqlState();
        return state != null && (state.startsWith("08") || SHUT_DOWN.contains(state));
    }

    /** Whether PostgreSQL is there and cannot take what is to be recorded: it only reads, is full, or lacks a table or a permission. */
    static boolean keepsFromWriting(Throwable failure) {
        return failure instanceof PgException error
                && error.getSqlState() != null
                && KEEPS_FROM_WRITING.contains(error.getSqlState());
    }

    /** The failure in a line for people: what is wrong, without names of classes and without the row that was refused. */
    static String told(Throwable failure) {
        if (failure instanceof PgException error) {
            return told(error);
        }
        if (failure instanceof TimeoutException) {
            return "no answer in time";
        }
        String message = failure.getMessage();
        return message == null || message.isBlank() ? "it failed, and did not say why" : message;
    }

    /** Whether it is PostgreSQL's own word, and not a connection's or ours. */
    static boolean saidByPostgres(Throwable failure) {
        return failure instanceof PgException;
    }

    /** What PostgreSQL named, for people who look for it; empty where the failure is not PostgreSQL's. */
    static JsonObject details(Throwable failure) {
        JsonObject details = new JsonObject();
        if (failure instanceof PgException error) {
            details.put("sqlState", error.getSqlState())
                    .put("constraint", error.getConstraint())
                    .put("table", error.getTable())
                    .put("column", error.getColumn());
        }
        return details;
    }

    private static String told(PgException error) {
        String constraint = error.getConstraint();
        String message = String.valueOf(error.getErrorMessage());
        return switch (String.valueOf(error.getSqlState())) {
            case CHECK_VIOLATION -> broken(String.valueOf(constraint), error);
            case UNIQUE_VIOLATION -> "the table " + error.getTable() + " has it already (" + constraint + ')';
            case NOT_NULL_VIOLATION ->
                "the column " + error.getColumn() + " of the table " + error.getTable() + " must have a value";
            default -> message;
        };
    }

    private static String broken(String constraint, PgException error) {
        return switch (constraint) {
            case "stock_adds_up" ->
                "the counts of a SKU would not add up: capacity must be what is available, held and sold, and none of them"
                        + " below zero (stock_adds_up)";
            case "stock_pending_check" -> "the units that are still to go could not be counted (stock_pending_check)";
            case "reservations_state_check" -> "there is no such state of a reservation (reservations_state_check)";
            case "reservations_lines_change_by_replacement_only" ->
                "the books have other lines of this reservation, and only a replacement changes them"
                        + " (reservations_lines_change_by_replacement_only)" + Succession.TO_DO;
            default -> "the rule " + constraint + " of the table " + error.getTable() + " forbids it";
        };
    }

    /** 08 connection, 40 deadlock and its like, 53 resources, 57 shut down or cancelled, 58 its own system; 25006 a standby. */
    private static boolean isAway(@Nullable String sqlState) {
        return sqlState != null
                && (sqlState.equals(READ_ONLY)
                        || sqlState.startsWith("08")
                        || sqlState.startsWith("40")
                        || sqlState.startsWith("53")
                        || sqlState.startsWith("57")
                        || sqlState.startsWith("58"));
    }
}
