package dev.holdfast.http;

import static dev.holdfast.http.ContractSale.TIME;
import static dev.holdfast.http.ContractSale.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.admin.RedissonSaleLock;
import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.Author;
import dev.holdfast.ledger.TestBooks;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import dev.holdfast.support.TestWait;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Admins who change one sale at once, on one node and on two; and buyers, who do not notice. */
class SaleLockContractTest {

    private static final String SKU = "RED-DRESS-M";

    private static TestNode node;
    private static TestNode otherNode;
    private static TestBooks books;
    private static RedissonSaleLock thirdNode;

    private final String saleId = "locked-" + UUID.randomUUID();
    private final Api api = node.api();

    @BeforeAll
    static void start() {
        node = TestNode.shared();
        otherNode = TestNode.neighbour();
        books = TestBooks.migrated(TestServers.postgresUri());
        thirdNode = new RedissonSaleLock(books.vertx, TestServers.redisUri(), books.books.fences());
    }

    @AfterAll
    static void stop() {
        TestBooks.await(thirdNode.close());
        books.close();
    }

    @Test
    void adminsWhoComeAtOnceTakeTurnsAndAllSucceed() {
        api.putSale(saleId, false).must(201);
        Api other = otherNode.api();

        List<Answer> answers = atOnce(Stream.of(api, api, api, other, other, other)
                .<Supplier<Answer>>map(node -> () -> pausedInTurn(node))
                .toList());

        assertThat(answers)
                .allSatisfy(
                        answer -> assertThat(answer.status()).as(answer.text()).isEqualTo(200));
        assertThat(books.number("select token from sale_fences where sale_id = $1", saleId))
                .isEqualTo(7);
        assertThat(books.number("select version from sales where sale_id = $1", saleId))
                .isEqualTo(7);
    }

    @Test
    void whileAnAdminHasTheSaleOthersAreToldWhoAndBuyersBuy() {
        api.putSale(saleId, true).must(201);
        api.putStock(saleId, SKU, 5).must(201);
        Promise<Void> end = Promise.promise();
        AtomicBoolean begun = new AtomicBoolean();
        Future<Void> rebuild = thirdNode.within(new SaleId(saleId), rebuildOf("anna"), TestWait.LIMIT, fenced -> {
            begun.set(true);
            return end.future();
        });
        await().untilTrue(begun);

        List<Supplier<Answer>> changes = List.of(
                () -> api.putSale(saleId, "{\"name\":\"Another\",\"rehearsal\":true}"),
                () -> api.turn(saleId, "pause", "the price is wrong"),
                () -> otherNode.api().turn(saleId, "close", "it is over"),
                () -> api.advanceClock(saleId, 60),
                () -> otherNode.api().putStock(saleId, SKU, "{\"capacity\":5,\"price\":100}"));
        CompletableFuture<List<Answer>> refusals = CompletableFuture.supplyAsync(() -> atOnce(changes));
        Answer held = api.hold(saleId, "c-1", SKU, 1);
        Answer confirmed = otherNode.api().confirm(saleId, held.text("reservationId"));
        List<Answer> refused = refusals.join();
        Answer untouched = api.sale(saleId, true);
        end.complete();
        TestBooks.await(rebuild);

        assertThat(held.status()).isEqualTo(201);
        assertThat(confirmed.status()).isEqualTo(200);
        assertThat(refused).hasSize(5).allSatisfy(SaleLockContractTest::assertLockedByAnna);
        assertThat(untouched.text("state")).isEqualTo("open");
        assertThat(untouched.text("name")).isEqualTo(saleId);
        assertThat(api.turn(saleId, "pause", "the price is wrong").status()).isEqualTo(200);
    }

    /** Asks again where the others were not done in time. */
    private Answer pausedInTurn(Api node) {
        return await().until(
                        () -> node.turn(saleId, "pause", "stock is counted " + UUID.randomUUID()),
                        answer -> !answer.code().equals("sale-locked"));
    }

    private static void assertLockedByAnna(Answer answer) {
        assertProblem(answer, 409, "sale-locked");
        assertThat(answer.header("retry-after")).hasValue("1");
        assertThat(answer.text("lockedBy")).isEqualTo("anna");
        assertThat(answer.text("lockedSince")).matches(TIME);
        assertThat(answer.text("operation")).isEqualTo("lane.rebuilt");
    }

    private static AdminAction rebuildOf(String actor) {
        return new AdminAction(
                new Author(actor, "test", "trace-of-a-test"), AdminAction.Kind.LANE_REBUILT, "history was lost");
    }

    private static List<Answer> atOnce(List<Supplier<Answer>> calls) {
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (Supplier<Answer> call : calls) {
            CompletableFuture<Answer> answer = new CompletableFuture<>();
            answers.add(answer);
            Thread.startVirtualThread(() -> answer.completeAsync(call, Runnable::run));
        }
        return answers.stream().map(CompletableFuture::join).toList();
    }
}
