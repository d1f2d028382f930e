package dev.holdfast.http;

import static dev.holdfast.http.ContractSale.TIME;
import static dev.holdfast.http.ContractSale.assertInvalid;
import static dev.holdfast.http.ContractSale.assertProblem;
import static dev.holdfast.http.ContractSale.fields;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.TestNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys over HTTP, on two nodes that share their servers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KeyContractTest {

    private final String run = UUID.randomUUID().toString();
    private final TestNode elsewhere = TestNode.neighbour();
    private final Api api = TestNode.shared().api();

    @Test
    void aKeyIsShownOnceWhenItIsMade() {
        Answer made = api.createKey(name("shown"), "checkout", "2999-01-01T00:00:00Z");
        Answer listed = api.keys(100, null);

        assertThat(made.status()).isEqualTo(201);
        assertThat(made.header("cache-control")).hasValue("no-store");
        assertThat(fields(made.body()))
                .containsExactly(
                        "keyId",
                        "name",
                        "scope",
                        "state",
                        "createdAt",
                        "createdBy",
                        "expiresAt",
                        "lastUsedAt",
                        "revokedAt",
                        "key");
        assertThat(made.text("key")).matches("hf_[A-Za-z0-9_-]{43}");
        assertThat(made.text("scope")).isEqualTo("checkout");
        assertThat(made.text("state")).isEqualTo("valid");
        assertThat(made.text("createdAt")).matches(TIME);
        assertThat(made.text("createdBy")).isEqualTo("test");
        assertThat(made.text("expiresAt")).isEqualTo("2999-01-01T00:00:00.000Z");
        assertThat(made.body().path("lastUsedAt").isNull()).isTrue();
        assertThat(listed.text()).contains(made.text("keyId")).doesNotContain(made.text("key"));
        JsonNode item = item(listed, made.text("keyId"));
        assertThat(fields(item)).doesNotContain("key").hasSize(9);
    }

    @Test
    void aKeyWorksOnTheOtherNodeTooAndIsRevokedThere() {
        Answer made = api.createKey(name("two-nodes"), "read", null).must(201);
        Api withKey = elsewhere.api().as(made.text("key"));
        await().until(() -> withKey.keys(1, null).status() == 200);

        Answer revoked = api.revokeKey(made.text("keyId"), "it leaked");
        Answer atOnce = api.as(made.text("key")).keys(1, null);

        assertThat(revoked.status()).isEqualTo(200);
        assertThat(revoked.text("state")).isEqualTo("revoked");
        assertThat(revoked.text("revokedAt")).matches(TIME);
        assertProblem(atOnce, 401, "unauthorized");
        await().until(() -> withKey.keys(1, null).status() == 401);
        assertThat(api.revokeKey(made.text("keyId"), "once more").text("revokedAt"))
                .isEqualTo(revoked.text("revokedAt"));
    }

    @Test
    void aKeyIsRotatedWithoutACallThatFails() {
        Answer old = api.createKey(name("rotated"), "checkout", null).must(201);
        Answer next = api.createKey(name("rotated"), "checkout", null).must(201);

        Answer third = api.createKey(name("rotated"), "checkout", null);
        Answer withOld = api.as(old.text("key")).sale("none", false);
        Answer withNext = api.as(next.text("key")).sale("none", false);
        api.revokeKey(old.text("keyId"), "rotated").must(200);
        Answer withRevoked = api.as(old.text("key")).sale("none", false);

        assertProblem(third, 409, "key-limit");
        assertThat(third.body().path("keyIds").toString())
                .isEqualTo("[\"%s\",\"%s\"]".formatted(old.text("keyId"), next.text("keyId")));
        assertProblem(withOld, 404, "sale-not-found");
        assertProblem(withNext, 404, "sale-not-found");
        assertProblem(withRevoked, 401, "unauthorized");
        api.createKey(name("rotated"), "checkout", null).must(201);
    }

    @Test
    void aKeyExpires() {
        Answer made = usedBeforeItExpired(1);
        Api withKey = api.as(made.text("key"));

        await().until(() -> withKey.keys(1, null).status() == 401);

        assertThat(Instant.now()).isAfterOrEqualTo(Instant.parse(made.text("expiresAt")));
        assertThat(item(api.keys(100, null), made.text("keyId")).path("state").asText())
                .isEqualTo("expired");
    }

    /** A key that was good for a call while it was valid; with more and more time where the machine needs it. */
    private Answer usedBeforeItExpired(int seconds) {
        Instant end = Instant.now().plusSeconds(seconds);
        Answer made =
                api.createKey(name("short-" + seconds), "read", end.toString()).must(201);
        Answer used = api.as(made.text("key")).keys(1, null);
        if (Instant.now().isAfter(end)) {
            return usedBeforeItExpired(2 * seconds);
        }
        used.must(200);
        return made;
    }

    @Test
    void theTrailNamesTheKeyThatDidIt() {
        Answer admin = api.createKey(name("console"), "admin", null).must(201);

        Answer made = api.as(admin.text("key")).createKey(name("by-console"), "read", null);

        assertThat(made.status()).isEqualTo(201);
        assertThat(made.text("createdBy")).isEqualTo(name("console"));
    }

    @Test
    void aKeyCannotRevokeItself() {
        Answer admin = api.createKey(name("own"), "admin", null).must(201);

        Answer answer = api.as(admin.text("key")).revokeKey(admin.text("keyId"), "by mistake");

        assertProblem(answer, 403, "forbidden");
        assertThat(api.as(admin.text("key")).keys(1, null).status()).isEqualTo(200);
    }

    @Test
    void aKeyOfTheEnvironmentIsNotOursToRevokeNorItsNameToGive() {
        Answer revoked = api.revokeKey("test", "it leaked");
        Answer made = api.createKey("test", "checkout", null);

        assertProblem(revoked, 403, "forbidden");
        assertThat(revoked.text("detail")).contains("HOLDFAST_ADMIN_KEYS");
        assertInvalid(made, "/name");
    }

    @Test
    void theKeysOfANameAreForTheSameCalls() {
        api.createKey(name("one-scope"), "checkout", null).must(201);

        Answer answer = api.createKey(name("one-scope"), "admin", null);

        assertInvalid(answer, "/scope");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "999999",
                "999999999999999999",
                "0",
                "-1",
                "1.5",
                "1000000000000000000000",
                "hf_pasted-by-mistake",
                "%00"
            })
    void whatIsNotThereCannotBeRevoked(String keyId) {
        Answer answer = api.revokeKey(keyId, "no such key");

        assertProblem(answer, 404, "key-not-found");
        assertThat(answer.text()).doesNotContain("hf_pasted-by-mistake");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'scope':'read'} | /name",
                "{'name':null,'scope':'read'} | /name",
                "{'name':7,'scope':'read'} | /name",
                "{'name':'a b','scope':'read'} | /name",
                "{'name':'','scope':'read'} | /name",
                "{'name':'\\u0000','scope':'read'} | /name",
                "{'name':'%s','scope':'read'} | /name",
                "{'name':'n'} | /scope",
                "{'name':'n','scope':'root'} | /scope",
                "{'name':'n','scope':'ADMIN'} | /scope",
                "{'name':'n','scope':['read']} | /scope",
                "{'name':'n','scope':'read','expiresAt':'2020-01-01T00:00:00Z'} | /expiresAt",
                "{'name':'n','scope':'read','expiresAt':'tomorrow'} | /expiresAt",
                "{'name':'n','scope':'read','expiresAt':1000000000000} | /expiresAt",
                "{'name':'n','scope':'read','expiresAt':'2999-01-01'} | /expiresAt",
                "{'name':'n','scope':'read','key':'of-my-own'} | /key"
            })
    void whatCannotBeAKeyIsNotMade(String body, String pointer) {
        int before = all().size();

        Answer answer = api.send(
                api.onAdmin("POST", "/v1/admin/keys", body.replace('\'', '"').formatted("n".repeat(65))));

        assertInvalid(answer, pointer);
        assertThat(all()).hasSize(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "{'reason':''}", "{'reason':' '}", "{'reason':7}", "{'reason':null}", "{'reason':'%s'}"})
    void nothingIsRevokedWithoutAReason(String body) {
        Answer made =
                api.createKey(name("kept-" + UUID.randomUUID()), "read", null).must(201);

        Answer answer = api.send(api.onAdmin(
                "POST",
                "/v1/admin/keys/" + made.text("keyId") + "/revoke",
                body.replace('\'', '"').formatted("r".repeat(501))));

        assertInvalid(answer, "/reason");
        assertThat(api.as(made.text("key")).keys(1, null).status()).isEqualTo(200);
    }

    @Test
    void keysAreListedNewestFirstPageByPage() {
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            made.addFirst(
                    api.createKey(name("page-" + i), "read", null).must(201).text("keyId"));
        }

        Answer first = api.keys(2, null);
        Answer second = api.keys(2, first.text("nextCursor"));

        assertThat(List.of(
                        first.body().at("/items/0/keyId").asText(),
                        first.body().at("/items/1/keyId").asText(),
                        second.body().at("/items/0/keyId").asText()))
                .isEqualTo(made);
    }

    @Test
    void aCursorOfAnotherListIsRefused() {
        assertInvalid(api.keys(2, "c2FsZS0x"), "/cursor");
    }

    private List<JsonNode> all() {
        return StreamSupport.stream(
                        api.keys(100, null).must(200).body().path("items").spliterator(), false)
                .toList();
    }

    private static JsonNode item(Answer listed, String keyId) {
        return StreamSupport.stream(listed.body().path("items").spliterator(), false)
                .filter(item -> item.path("keyId").asText().equals(keyId))
                .findFirst()
                .orElseThrow();
    }

    private String name(String what) {
        return what + "-" + run.substring(0, 8);
    }
}
