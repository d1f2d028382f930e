package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** openapi.yaml and the routes say the same. */
class OpenApiTest {

    // Paths stand two spaces in, methods four: a reader of YAML would tell no more.
    private static final Pattern PATH = Pattern.compile("  (/\\S*):");
    private static final Pattern METHOD = Pattern.compile("    (get|put|post|delete|patch):");
    private static final Pattern TAGS = Pattern.compile("      tags: \\[(.*)]");

    @Test
    void everyRouteIsDescribedAndNothingElse() {
        Set<String> routes = new TreeSet<>();
        // What answers the calls is not asked for it.
        routes.addAll(named("public", PublicRoutes.of(null, null, null, null, null)));
        routes.addAll(named(
                "admin",
                AdminRoutes.of(new AdminRoutes.Parts(null, null, null, null, null, null, null, null), null, null)));

        assertThat(described()).isEqualTo(routes);
    }

    @Test
    void everyCodeIsListed() {
        String codes = text().substring(text().indexOf("    Code:\n"));

        List<String> listed = codes.lines()
                .filter(line -> line.startsWith("        - "))
                .map(line -> line.substring(10))
                .toList();

        assertThat(listed)
                .containsExactlyElementsOf(Arrays.stream(ProblemCode.values())
                        .map(ProblemCode::word)
                        .toList());
    }

    private static Set<String> named(String listener, Routes routes) {
        return routes.endpoints().stream()
                .map(endpoint ->
                        listener + ' ' + endpoint.method().name().toLowerCase(Locale.ROOT) + ' ' + endpoint.path())
                .collect(Collectors.toSet());
    }

    private static Set<String> described() {
        Set<String> calls = new TreeSet<>();
        String path = "";
        String method = "";
        for (String line : text().lines().toList()) {
            Matcher newPath = PATH.matcher(line);
            Matcher newMethod = METHOD.matcher(line);
            Matcher tags = TAGS.matcher(line);
            if (newPath.matches()) {
                path = newPath.group(1);
            } else if (newMethod.matches()) {
                method = newMethod.group(1);
            } else if (tags.matches()) {
                String call = method + ' ' + path;
                Stream.of(tags.group(1).split(", ", -1)).forEach(listener -> calls.add(listener + ' ' + call));
            }
        }
        return calls;
    }

    private static String text() {
        try (InputStream in = Objects.requireNonNull(OpenApiTest.class.getResourceAsStream("/openapi.yaml"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
