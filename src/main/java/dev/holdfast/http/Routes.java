package dev.holdfast.http;

import java.util.List;
import java.util.function.BooleanSupplier;

/** All calls of one listener, bound to what answers them on one event loop. */
public final class Routes {

    private static final String API = "/v1/";

    private final List<Endpoint> endpoints;

    Routes(List<Endpoint> endpoints) {
        this.endpoints = List.copyOf(endpoints);
    }

    List<Endpoint> endpoints() {
        return endpoints;
    }

    /** The same; of the API itself nothing is served, to nobody, while this says so. Probes and documents are. */
    public Routes unless(BooleanSupplier nothingIsServed) {
        return new Routes(endpoints.stream()
                .map(endpoint -> endpoint.path().startsWith(API) ? endpoint.unless(nothingIsServed) : endpoint)
                .toList());
    }
}
