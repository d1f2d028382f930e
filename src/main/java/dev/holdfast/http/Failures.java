package dev.holdfast.http;

import dev.holdfast.ledger.FenceHolder;
import dev.holdfast.ledger.SaleIsLocked;
import dev.holdfast.reservation.StaleLane;
import dev.holdfast.reservation.Unavailable;
import io.vertx.ext.web.handler.HttpException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where every failed chain ends: what the caller is told, and what only the log is. */
final class Failures {

    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    /** Changes take milliseconds; whoever waited for one already had a long one before it. */
    private static final long LOCKED_RETRY_MS = 1_000;

    private Failures() {}

    static Problem problem(Throwable failure, Call call) {
        if (failure instanceof ProblemException found) {
            return found.problem();
        }
        if (failure instanceof Unavailable unavailable) {
            LOG.debug("{} {}: {}", call.traceId(), call.route(), unavailable.getMessage());
            return problem(unavailable);
        }
        if (failure instanceof SaleIsLocked locked) {
            return locked(locked.holder());
        }
        if (failure instanceof StaleLane) {
            return problem(Unavailable.Reason.RECOVERING);
        }
        if (failure instanceof HttpException http && http.getStatusCode() == 400) {
            return Problem.of(ProblemCode.MALFORMED_REQUEST, "The path or its query cannot be read.");
        }
        LOG.error("{} {} failed", call.traceId(), call.route(), failure);
        return Problem.of(ProblemCode.INTERNAL_ERROR, "Something is wrong in this service, not in the request.");
    }

    private static Problem locked(FenceHolder holder) {
        return Problem.of(
                        ProblemCode.SALE_LOCKED,
                        "Another change of the sale goes on. What this request has not changed by now it does not change.")
                .with(json -> {
                    json.writeStringField("lockedBy", holder.actor());
                    Json.time(json, "lockedSince", holder.since().toEpochMilli());
                    json.writeStringField("operation", holder.operation());
                })
                .retryAfterMs(LOCKED_RETRY_MS);
    }

    private static Problem problem(Unavailable unavailable) {
        return unavailable
                .told()
                .map(told -> Problem.of(code(unavailable.reason()), told + " Nothing was done."))
                .map(problem ->
                        unavailable.retryAfterMs() > 0 ? problem.retryAfterMs(unavailable.retryAfterMs()) : problem)
                .orElseGet(() -> problem(unavailable.reason()));
    }

    private static Problem problem(Unavailable.Reason reason) {
        return Problem.of(
                code(reason),
                switch (reason) {
                    case OUTCOME_UNKNOWN ->
                        "No reply came in time: it may have been done. Repeat the same request with the same key.";
                    case RECOVERING ->
                        "The sale has stopped, or Redis does not have it as PostgreSQL has it. Nothing was done. The list of incidents says more.";
                    case REDIS_UNAVAILABLE -> "Redis cannot be reached. Nothing was done.";
                    case POSTGRES_UNAVAILABLE -> "PostgreSQL cannot be reached. Nothing was done.";
                    case OVERLOADED -> "There is too much to do. Nothing was done.";
                });
    }

    /** Each reason is a code of the contract. */
    static ProblemCode code(Unavailable.Reason reason) {
        return switch (reason) {
            case OUTCOME_UNKNOWN -> ProblemCode.OUTCOME_UNKNOWN;
            case RECOVERING -> ProblemCode.RECOVERING;
            case REDIS_UNAVAILABLE -> ProblemCode.REDIS_UNAVAILABLE;
            case POSTGRES_UNAVAILABLE -> ProblemCode.POSTGRES_UNAVAILABLE;
            case OVERLOADED -> ProblemCode.OVERLOADED;
        };
    }
}
