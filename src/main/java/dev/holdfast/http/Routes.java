package dev.holdfast.http;

import java.util.List;

/** All calls of one listener, bound to what answers them on one event loop. */
public final class Routes {

    private final List<Endpoint> endpoints;

    Routes(List<Endpoint> endpoints) {
        this.endpoints = List.copyOf(endpoints);
    }

    List<Endpoint> endpoints() {
        return endpoints;
    }
}
