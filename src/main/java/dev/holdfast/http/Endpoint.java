package dev.holdfast.http;

import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.util.function.Function;

/**
 * One call of the contract.
 *
 * @param path with names in braces, as in openapi.yaml
 * @param counted whether metrics count what comes of it as an answer about a reservation
 */
record Endpoint(
        HttpMethod method,
        String path,
        Access access,
        boolean counted,
        BodyLimit bodyLimit,
        Function<Call, Future<Reply>> verb) {

    static Endpoint get(String path, Access access, Function<Call, Future<Reply>> verb) {
        return new Endpoint(HttpMethod.GET, path, access, false, BodyLimit.USUAL, verb);
    }

    static Endpoint put(String path, Access access, Function<Call, Future<Reply>> verb) {
        return new Endpoint(HttpMethod.PUT, path, access, false, BodyLimit.USUAL, verb);
    }

    static Endpoint post(String path, Access access, Function<Call, Future<Reply>> verb) {
        return new Endpoint(HttpMethod.POST, path, access, false, BodyLimit.USUAL, verb);
    }

    /** Whether it only shows what there is. */
    boolean reads() {
        return method.equals(HttpMethod.GET);
    }

    /** The same, counted. */
    Endpoint count() {
        return new Endpoint(method, path, access, true, bodyLimit, verb);
    }

    /** The same for bodies as long as that. */
    Endpoint taking(BodyLimit limit) {
        return new Endpoint(method, path, access, counted, limit, verb);
    }
}
