package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.ledger.KeyScope;
import dev.holdfast.support.Api;
import dev.holdfast.support.TestNode;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of key against every call that there is: a new call is among them by itself. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ScopesTest {

    /** No call takes it, so nothing is done by those that may. */
    private static final String NO_BODY_OF_OURS = "[]";

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final TestNode node = TestNode.shared();
    private final Map<KeyScope, String> keys = new EnumMap<>(KeyScope.class);

    @BeforeAll
    void aKeyForEachScope() {
        for (KeyScope scope : KeyScope.values()) {
            String name = "scope-" + UUID.randomUUID();
            keys.put(
                    scope,
                    node.api().createKey(name, scope.word(), null).must(201).text("key"));
        }
    }

    @AfterAll
    void close() {
        client.close();
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("calls")
    void aKeyMakesTheCallsOfItsScopeAndNoOthers(Listener listener, HttpMethod method, String path, Access access)
            throws Exception {
        for (KeyScope scope : KeyScope.values()) {
            int status = status(listener, method, path, keys.get(scope));

            if (mayCall(scope, access, method)) {
                assertThat(status).as(scope + " may").isNotIn(401, 403);
            } else {
                assertThat(status).as(scope + " may not").isEqualTo(403);
            }
        }
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("calls")
    void withoutAKeyOnlyOpenCallsAreMade(Listener listener, HttpMethod method, String path, Access access)
            throws Exception {
        for (String nobodys : List.of("", "hf_" + "A".repeat(43))) {
            int status = status(listener, method, path, nobodys);

            if (access == Access.OPEN) {
                assertThat(status).isNotIn(401, 403);
            } else {
                assertThat(status).isEqualTo(401);
            }
        }
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("calls")
    void aKeyThatMayReadMayAskForHeadersOnly(Listener listener, HttpMethod method, String path, Access access)
            throws Exception {
        int status = status(listener, HttpMethod.HEAD, path, keys.get(KeyScope.READ));

        assertThat(status).isNotIn(401, 403);
    }

    private static boolean mayCall(KeyScope scope, Access access, HttpMethod method) {
        return access == Access.OPEN
                || switch (scope) {
                    case CHECKOUT -> access == Access.CHECKOUT;
                    case ADMIN -> access == Access.ADMIN;
                    case READ -> method.equals(HttpMethod.GET);
                };
    }

    /** Of the answer's head: some calls never end their answer. */
    private int status(Listener listener, HttpMethod method, String path, String key)
            throws IOException, InterruptedException {
        boolean hasBody = !method.equals(HttpMethod.GET) && !method.equals(HttpMethod.HEAD);
        String there = path.replaceAll("\\{\\w+}", "1");
        HttpRequest.Builder request =
                Api.request(listener.of(node), method.name(), there, hasBody ? NO_BODY_OF_OURS : null);
        if (!key.isEmpty()) {
            request.header("Authorization", "Bearer " + key);
        }
        var response = client.send(request.build(), BodyHandlers.ofInputStream());
        response.body().close();
        return response.statusCode();
    }

    enum Listener {
        PUBLIC,
        ADMIN;

        URI of(TestNode node) {
            return this == PUBLIC ? node.publicUri() : node.adminUri();
        }
    }

    private static Stream<Arguments> calls() {
        return Stream.concat(
                AllRoutes.ofPublic().stream().map(call -> arguments(Listener.PUBLIC, call)),
                AllRoutes.ofAdmin().stream().map(call -> arguments(Listener.ADMIN, call)));
    }

    private static Arguments arguments(Listener listener, Endpoint call) {
        return Arguments.of(listener, call.method(), call.path(), call.access());
    }
}
