package dev.holdfast.http;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.internal.net.RFC3986;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which calls a path stands for. Where two patterns fit, the one that was given first is meant. */
final class RouteTable {

    private final List<Route> routes;

    RouteTable(List<Endpoint> endpoints) {
        Map<String, List<Endpoint>> byPath = endpoints.stream()
                .collect(Collectors.groupingBy(Endpoint::path, LinkedHashMap::new, Collectors.toList()));
        routes = byPath.entrySet().stream()
                .map(path -> Route.of(path.getKey(), path.getValue()))
                .toList();
    }

    /**
     * What the path leads to; null where it leads nowhere. Dots, doubled slashes and one at the end mean nothing. Throws
     * IllegalArgumentException where the path cannot be decoded.
     */
    @Nullable
    Match find(String path) {
        String normalized = RFC3986.normalizePath(path);
        for (Route route : routes) {
            List<String> values = route.valuesIn(normalized);
            if (values != null) {
                values.replaceAll(value -> RFC3986.decodeURIComponent(value, false));
                return new Match(route, values);
            }
        }
        return null;
    }

    /**
     * A path that leads somewhere.
     *
     * @param values for the names in the pattern
     */
    record Match(Route route, List<String> values) {

        /** What stands in the path under this name of the pattern; empty where the pattern has no such name. */
        String value(String name) {
            int place = route.names.indexOf(name);
            return place < 0 ? "" : values.get(place);
        }
    }

    /** All calls of one path. */
    static final class Route {

        private final String pattern;
        private final List<String> steps;
        private final List<String> names;
        private final Map<HttpMethod, Endpoint> byMethod = new HashMap<>();
        private final Problem otherMethod;

        private Route(String pattern, List<Endpoint> endpoints) {
            this.pattern = pattern;
            steps = Stream.of(pattern.substring(1).split("/", -1)).toList();
            names = steps.stream()
                    .filter(Route::isName)
                    .map(step -> step.substring(1, step.length() - 1))
                    .toList();
            endpoints.forEach(endpoint -> byMethod.put(endpoint.method(), endpoint));
            Endpoint get = byMethod.get(HttpMethod.GET);
            if (get != null) {
                byMethod.put(HttpMethod.HEAD, get);
            }
            var allowed = new TreeSet<String>();
            byMethod.keySet().forEach(method -> allowed.add(method.name()));
            otherMethod = Problem.of(ProblemCode.METHOD_NOT_ALLOWED, "This path has other methods.")
                    .with("allow", String.join(", ", allowed));
        }

        static Route of(String pattern, List<Endpoint> endpoints) {
            return new Route(pattern, endpoints);
        }

        /** As in openapi.yaml. */
        String pattern() {
            return pattern;
        }

        /** The call of this method; null where there is none. */
        @Nullable
        Endpoint endpoint(HttpMethod method) {
            return byMethod.get(method);
        }

        /** What a call of any other method is told. */
        Problem otherMethod() {
            return otherMethod;
        }

        /** What stands in the path where the pattern has names, as it was sent; null where the path does not fit. */
        private @Nullable List<String> valuesIn(String path) {
            List<String> values = new ArrayList<>(names.size());
            int at = 0;
            for (String step : steps) {
                if (at == path.length() || path.charAt(at) != '/') {
                    return null;
                }
                int from = at + 1;
                int slash = path.indexOf('/', from);
                at = slash < 0 ? path.length() : slash;
                if (isName(step) && at > from) {
                    values.add(path.substring(from, at));
                } else if (step.length() != at - from || !path.startsWith(step, from)) {
                    return null;
                }
            }
            boolean isWhole = at == path.length() || (at == path.length() - 1 && path.charAt(at) == '/');
            return isWhole ? values : null;
        }

        private static boolean isName(String step) {
            return step.startsWith("{");
        }
    }
}
