package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteTableTest {

    private final Endpoint list = Endpoint.get("/things", Access.OPEN, RouteTableTest::nothing);
    private final Endpoint best = Endpoint.get("/things/best", Access.OPEN, RouteTableTest::nothing);
    private final Endpoint show = Endpoint.get("/things/{thing}", Access.OPEN, RouteTableTest::nothing);
    private final Endpoint put = Endpoint.put("/things/{thing}", Access.OPEN, RouteTableTest::nothing);
    private final Endpoint part = Endpoint.post("/things/{thing}/parts/{part}", Access.OPEN, RouteTableTest::nothing);
    private final RouteTable table = new RouteTable(List.of(list, best, show, put, part));

    @ParameterizedTest
    @CsvSource({
        "/things,             /things",
        "/things/,            /things",
        "//things//,          /things",
        "/./things/x/..,      /things",
        "/things/x/../,       /things",
        "/%74hings,           /things",
        "/things/best,        /things/best",
        "/things/b%65st,      /things/best",
        "/things/better,      /things/{thing}",
        "/things/best/,       /things/best",
        "/things/a/parts/b,   /things/{thing}/parts/{part}",
        "/things/a/parts,     ",
        "/things/a/parts/b/c, ",
        "/thing,              ",
        "/thingss,            ",
        "/Things,             ",
        "/,                   "
    })
    void findsThePatternThatFits(String path, String pattern) {
        RouteTable.Match match = table.find(path);

        assertThat(match == null ? null : match.route().pattern()).isEqualTo(pattern);
    }

    @ParameterizedTest
    @CsvSource({"/things/a,a", "/things/a%20b,'a b'", "/things/a%2Fb,a/b", "/things/a+b,a+b", "/things/%c3%a9,é"})
    void decodesWhatStandsInThePath(String path, String value) {
        RouteTable.Match match = table.find(path);

        assertThat(match).isNotNull();
        assertThat(match.value("thing")).isEqualTo(value);
        assertThat(match.value("part")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/things/%zz", "/things/%2", "/things/%", "/%-1"})
    void doesNotGuessAtWhatCannotBeDecoded(String path) {
        assertThatIllegalArgumentException().isThrownBy(() -> table.find(path).route());
    }

    @Test
    void aPathHasItsMethodsAndHeadWithGet() {
        RouteTable.Route route = table.find("/things/a").route();

        assertThat(route.endpoint(HttpMethod.GET)).isSameAs(show);
        assertThat(route.endpoint(HttpMethod.HEAD)).isSameAs(show);
        assertThat(route.endpoint(HttpMethod.PUT)).isSameAs(put);
        assertThat(route.endpoint(HttpMethod.POST)).isNull();
        assertThat(route.otherMethod().headers()).contains(new Header("allow", "GET, HEAD, PUT"));
    }

    private static Future<Reply> nothing(Call call) {
        return Future.failedFuture("nothing is called here, not even for " + call.route());
    }
}
