package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.Settings;
import dev.holdfast.cli.Told;
import dev.holdfast.support.Api;
import dev.holdfast.support.TestDeployment;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One Idempotency-Key is one reservation, whatever secret the node that is asked derives its id from. */
class SecretTest {

    private static final String OLD = "an-old-secret-of-test-nodes-0123456789";
    private static final String NEW = "a-new-secret-of-test-nodes-01234567890";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final String saleId = "secret-" + UUID.randomUUID();
    private final String database = TestServers.freshDatabase();
    private final List<TestNode> nodes = new ArrayList<>();

    @BeforeEach
    void joinTheSharedRedis() {
        TestDeployment.join(TestServers.redisUri(), database);
    }

    @AfterEach
    void end() {
        nodes.forEach(TestNode::close);
    }

    @Test
    void aNodeWithAnotherSecretDoesNotStart() {
        TestNode node = sellingNode(OLD);

        assertThatThrownBy(() -> start(NEW))
                .hasMessageContaining("HOLDFAST_SECRET")
                .hasMessageContaining("HOLDFAST_SECRET=new,old")
                .hasMessageNotContaining(OLD)
                .hasMessageNotContaining(NEW)
                .satisfies(failure -> assertThat(failure.getMessage().lines()).hasSize(1));
        assertThat(hold(node, "cart").status()).isEqualTo(201);
    }

    @Test
    void aKeyThatWasUsedUnderTheOldSecretIsFoundByANodeThatHasBoth() {
        TestNode old = sellingNode(OLD);
        String id = hold(old, "cart").must(201).text("reservationId");
        close(old);

        TestNode both = start(NEW + "," + OLD);
        Api.Answer again = hold(both, "cart");
        Api.Answer another = hold(both, "another cart");
        Api.Answer anotherAgain = hold(both, "another cart");

        assertThat(again.status()).isEqualTo(200);
        assertThat(again.header("Idempotent-Replayed")).contains("true");
        assertThat(again.text("reservationId")).isEqualTo(id);
        assertThat(another.status()).isEqualTo(201);
        assertThat(anotherAgain.status()).isEqualTo(200);
        assertThat(anotherAgain.text("reservationId")).isEqualTo(another.text("reservationId"));
        assertThat(both.api().confirm(saleId, id).status()).isEqualTo(200);
        assertThat(hold(both, "cart").text("state")).isEqualTo("confirmed");
    }

    @Test
    void anotherBodyUnderAKeyOfTheOldSecretIsAnotherBody() {
        TestNode old = sellingNode(OLD);
        hold(old, "cart").must(201);
        close(old);

        TestNode both = start(NEW + "," + OLD);

        assertThat(both.api().hold(saleId, Api.cart("ann", "GPU", 3), "cart").code())
                .isEqualTo("idempotency-key-reused");
    }

    @Test
    void whileTheSecretIsExchangedNodesThatHaveBothFindWhatEitherMade() {
        TestNode before = sellingNode(OLD + "," + NEW);
        TestNode after = start(NEW + "," + OLD);

        String byBefore = hold(before, "one").must(201).text("reservationId");
        String byAfter = hold(after, "two").must(201).text("reservationId");

        assertThat(hold(after, "one").must(200).text("reservationId")).isEqualTo(byBefore);
        assertThat(hold(before, "two").must(200).text("reservationId")).isEqualTo(byAfter);
        assertThat(before.api().probe("/health/ready").status()).isEqualTo(200);
    }

    @Test
    void aNodeThatDoesNotKnowTheNewSecretServesNothingBeforeItIsUsed() {
        TestNode old = sellingNode(OLD);
        String id = hold(old, "cart").must(201).text("reservationId");

        TestNode both = start(NEW + "," + OLD);
        Api.Answer byNew = hold(both, "later");
        Api.Answer byOld = hold(old, "later");

        assertThat(byNew.status()).isEqualTo(201);
        assertThat(byOld.code()).isEqualTo("redis-unavailable");
        assertThat(old.api().probe("/health/ready").text("detail")).contains("HOLDFAST_SECRET");
        assertThat(hold(both, "cart").must(200).text("reservationId")).isEqualTo(id);
    }

    @Test
    void theOldSecretIsNeededForAsLongAsKeysAreRememberedUnlessSomebodySaysOtherwise() {
        TestNode old = sellingNode(OLD);
        hold(old, "cart").must(201);
        close(old);
        TestNode both = start(NEW + "," + OLD);
        close(both);
        assertThatThrownBy(() -> start(NEW)).hasMessageContaining("HOLDFAST_SECRET");

        Told adopted = Told.of(
                Map.of(
                        "HOLDFAST_POSTGRES_URI",
                        database,
                        "HOLDFAST_REDIS_URI",
                        TestServers.redisUri(),
                        "HOLDFAST_SECRET",
                        NEW),
                "adopt",
                "--secret",
                "--reason",
                "the old secret leaked");
        TestNode alone = start(NEW);

        assertThat(adopted.exitCode()).as(adopted.err()).isZero();
        await().atMost(PATIENCE).until(() -> hold(alone, "a third cart").status() == 201);
    }

    private TestNode sellingNode(String secret) {
        TestNode node = start(secret);
        node.api().putSale(saleId, false).must(201);
        node.api().putStock(saleId, "GPU", 100).must(201);
        return node;
    }

    private TestNode start(String secret) {
        TestNode node = TestNode.alone(
                TestServers.redisUri(), database, secret, Settings.Rush.usual(), UnaryOperator.identity());
        nodes.add(node);
        return node;
    }

    private void close(TestNode node) {
        nodes.remove(node);
        node.close();
    }

    private Api.Answer hold(TestNode node, String key) {
        return node.api().hold(saleId, Api.cart("ann", "GPU", 1), key);
    }
}
