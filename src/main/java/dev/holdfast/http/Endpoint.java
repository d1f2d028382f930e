package dev.holdfast.http;

import dev.holdfast.redis.RedisTrouble;
import dev.holdfast.reservation.Unavailable;
import dev.holdfast.reservation.Unavailable.Reason;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * One call of the contract.
 *
 * @param path with names in braces, as in openapi.yaml
 * @param counted whether metrics count what comes of it as an answer about a reservation
 * @param refused whether this node serves none of its kind at present
 */
record Endpoint(
        HttpMethod method,
        String path,
        Access access,
        boolean counted,
        BodyLimit bodyLimit,
        BooleanSupplier refused,
        Function<Call, Future<Reply>> verb) {

    @SuppressWarnings("UnnecessaryLambda") // has a name where it is used
    private static final BooleanSupplier NEVER = () -> false;

    static Endpoint get(String path, Access access, Function<Call, Future<Reply>> verb) {
        return new Endpoint(HttpMethod.GET, path, access, false, BodyLimit.USUAL, NEVER, verb);
    }

    static Endpoint put(String path, Access access, Function<Call, Future<Reply>> verb) {
        return new Endpoint(HttpMethod.PUT, path, access, false, BodyLimit.USUAL, NEVER, verb);
    }

    static Endpoint post(String path, Access access, Function<Call, Future<Reply>> verb) {
        return new Endpoint(HttpMethod.POST, path, access, false, BodyLimit.USUAL, NEVER, verb);
    }

    /** Whether it only shows what there is. */
    boolean reads() {
        return method.equals(HttpMethod.GET);
    }

    /** The same, counted. */
    Endpoint count() {
        return new Endpoint(method, path, access, true, bodyLimit, refused, verb);
    }

    /** The same for bodies as long as that. */
    Endpoint taking(BodyLimit limit) {
        return new Endpoint(method, path, access, counted, limit, refused, verb);
    }

    /** The same, but for while this says that nothing is to be served. */
    Endpoint unless(BooleanSupplier nothingIsServed) {
        return new Endpoint(method, path, access, counted, bodyLimit, nothingIsServed, verb);
    }

    /** Throws {@link Unavailable} where nothing is to be served: before anybody is asked who calls. */
    void requireServed() {
        if (refused.getAsBoolean()) {
            throw new Unavailable(
                    Reason.REDIS_UNAVAILABLE, RedisTrouble.NOT_SERVED.sentence(), "this node serves nothing", null);
        }
    }
}
