package dev.holdfast.scenario;

import static dev.holdfast.ledger.TestBooks.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.ledger.RetirementBook;
import dev.holdfast.ledger.RetirementBook.EndedLane;
import dev.holdfast.ledger.TestBooks;
import dev.holdfast.redis.LaneKeys;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A sale that is over leaves Redis and the loops of all nodes, and is answered for as before. */
class RetiredSaleTest {

    private static final String SKU = "SHOE";
    private static final Duration OFTEN = Duration.ofMillis(200);
    private static final Duration NEVER = Duration.ofHours(1);

    private final String uri = TestServers.migratedDatabase();
    private final String sale = "sale-" + UUID.randomUUID();
    private final RedisClient client = RedisClient.create(TestServers.redisUri());
    private final RedisCommands<String, String> redis = client.connect().sync();
    private TestBooks db;

    @BeforeEach
    void look() {
        db = TestBooks.migrated(uri);
    }

    @AfterEach
    void close() {
        db.close();
        client.shutdown();
    }

    @Test
    void aSaleThatIsOverLeavesRedisAndIsAnsweredForByTheBooks() {
        try (TestNode node = node(OFTEN);
                TestNode other = node(OFTEN)) {
            Api api = node.api();
            String bought = overSince(api);
            Answer stock = api.stock(sale).must(200);
            Answer audit = api.audit(sale).must(200);

            untilRetiredAndGone(api);
            untilRetiredAndGone(other.api());

            for (Api either : new Api[] {api, other.api()}) {
                assertThat(either.stock(sale).must(200).body()).isEqualTo(stock.body());
                assertThat(either.stock(sale, SKU).must(200).text("sold")).isEqualTo("2");
                assertThat(either.sale(sale, false).must(200).text("state")).isEqualTo("closed");
                assertThat(either.reservation(sale, bought).must(200).text("state"))
                        .isEqualTo("confirmed");
                assertThat(either.confirm(sale, bought).must(200).text("state")).isEqualTo("confirmed");
                assertThat(either.release(sale, bought).code()).isEqualTo("reservation-confirmed");
                assertThat(either.extend(sale, bought, 60).code()).isEqualTo("reservation-confirmed");
                assertThat(either.hold(sale, "late", SKU, 1).code()).isEqualTo("sale-closed");
                assertThat(either.audit(sale).must(200).body().path("items"))
                        .isEqualTo(audit.body().path("items"));
                assertThat(either.turn(sale, "resume", "again").code()).isEqualTo("sale-closed");
                assertThat(either.putStock(sale, "OTHER", 5).code()).isEqualTo("sale-closed");
                assertThat(either.adjust(sale, SKU, "key", "{\"delta\":5,\"reason\":\"restock\"}")
                                .code())
                        .isEqualTo("sale-closed");
                assertThat(either.turn(sale, "close", "once more").status()).isEqualTo(200);
            }
            assertThat(db.number("select count(*) from incidents")).isZero();
            assertThat(db.stock(lane(), SKU)).isEqualTo("8/0/2 of 10");
        }
    }

    @Test
    void aSaleWhoseWindowIsOverIsClosedForGood() {
        try (TestNode node = node(OFTEN)) {
            Api api = node.api();
            api.putSale(sale, "{\"rehearsal\":true,\"holdSeconds\":60,\"closesAt\":\"%s\"}".formatted(inAnHour()))
                    .must(201);
            api.putStock(sale, SKU, 10).must(201);
            api.advanceClock(sale, 26 * 3600).must(200);
            api.audit(sale).must(200);
            nothingHasHappenedForADay();

            untilRetiredAndGone(api);
            Answer extended = api.putSale(sale, "{\"rehearsal\":true,\"holdSeconds\":60}");

            assertThat(extended.code()).isEqualTo("sale-closed");
            assertThat(api.hold(sale, "late", SKU, 1).code()).isEqualTo("sale-closed");
        }
    }

    @Test
    void aNodeThatDiesBetweenBothStoresLeavesNothingBehind() {
        try (TestNode selling = node(NEVER)) {
            overSince(selling.api());
            assertThat(await(retirement().retire(ended(), Instant.now()))).isTrue();
            assertThat(redis.exists(LaneKeys.of(lane()).sale())).isEqualTo(1);

            try (TestNode next = node(OFTEN)) {
                untilRetiredAndGone(next.api());
            }
        }
    }

    @Test
    void whatPostgresqlDoesNotHaveYetIsRecordedBeforeTheLaneLeaves() {
        try (TestNode selling = node(NEVER)) {
            overSince(selling.api());
            assertThat(await(retirement().retire(ended(), Instant.now()))).isTrue();
            LaneKeys keys = LaneKeys.of(lane());
            long recorded = db.recordedSeq(lane());
            redis.eval(
                    "redis.call('hincrby', KEYS[2], 'seq', 1)"
                            + " return redis.call('xadd', KEYS[1], ARGV[1] .. '-*', 'e', 'audit 1 late SHOE 10 8 0 2 1')",
                    ScriptOutputType.VALUE,
                    new String[] {keys.ledger(), keys.sale()},
                    Long.toString(lane().epoch()));

            try (TestNode next = node(OFTEN)) {
                untilRetiredAndGone(next.api());
            }
            assertThat(db.number("select recorded_seq from lanes")).isGreaterThan(recorded);
            // The next node has audited the same place since, or the entry has: the newer word counts.
            assertThat(db.number("select count(*) from audits a join lanes l using (sale_id, lane, epoch)"
                            + " where a.seq = l.recorded_seq and a.balanced"))
                    .isEqualTo(1);
        }
    }

    @Test
    void aSaleIsNotRetiredWhileAnythingCouldStillCome() {
        try (TestNode node = node(NEVER)) {
            Api api = node.api();
            api.putSale(sale, true).must(201);
            api.putStock(sale, SKU, 10).must(201);
            api.hold(sale, "holds", SKU, 1).must(201);
            api.turn(sale, "close", "over").must(200);
            api.audit(sale).must(200);
            Instant before = Instant.now().minus(Duration.ofHours(24));

            db.sql("update sales set updated_at = now() - interval '25 hours'");
            int unitsMovedLately = await(retirement().over(before)).size();
            db.sql("update stock set updated_at = now() - interval '25 hours'");
            int unitsHeld = await(retirement().over(before)).size();
            db.sql("update sales set updated_at = now()");
            int changedLately = await(retirement().over(before)).size();

            assertThat(new int[] {unitsMovedLately, unitsHeld, changedLately}).containsExactly(0, 0, 0);
            assertThat(await(retirement().retire(new EndedLane(lane(), db.recordedSeq(lane())), before)))
                    .isFalse();
            assertThat(db.laneState(lane())).isEqualTo("open");
        }
    }

    /** A closed sale of ten shoes in which two were bought and one was given back, a day ago; the id of the one that was bought. */
    @CanIgnoreReturnValue
    private String overSince(Api api) {
        api.putSale(sale, true).must(201);
        api.putStock(sale, SKU, 10).must(201);
        String bought = api.hold(sale, "buys", SKU, 2).must(201).text("reservationId");
        String returned = api.hold(sale, "returns", SKU, 1).must(201).text("reservationId");
        api.confirm(sale, bought).must(200);
        api.release(sale, returned).must(200);
        api.turn(sale, "close", "sold").must(200);
        await().until(() -> "true".equals(api.reservation(sale, bought).text("recorded")));
        api.advanceClock(sale, 25 * 3600).must(200);
        await().until(() -> redis.exists(LaneKeys.of(lane()).holds()) == 0);
        api.audit(sale).must(200);
        nothingHasHappenedForADay();
        return bought;
    }

    private void nothingHasHappenedForADay() {
        db.sql("update sales set updated_at = updated_at - interval '25 hours'");
        db.sql("update stock set updated_at = updated_at - interval '25 hours'");
    }

    private void untilRetiredAndGone(Api api) {
        await().untilAsserted(() -> {
            assertThat(db.text("select state from lanes")).isEqualTo("retired");
            assertThat(redis.exists(LaneKeys.of(lane()).inOrder())).isZero();
        });
        await().until(() -> api.hold(sale, "late", SKU, 1).status() == 409);
    }

    private EndedLane ended() {
        EndedLane[] found = new EndedLane[1];
        await().until(() -> {
            found[0] = await(retirement().over(Instant.now().minus(Duration.ofHours(24)))).stream()
                    .findFirst()
                    .orElse(null);
            return found[0] != null;
        });
        return found[0];
    }

    private RetirementBook retirement() {
        return new RetirementBook(db.postgres, db.books.sales());
    }

    private Lane lane() {
        return new Lane(new SaleId(sale), 0, db.number("select epoch from lanes"));
    }

    private TestNode node(Duration housekeepingInterval) {
        return TestNode.start(
                TestServers.redisUri(), uri, tuning -> tuning.withHousekeepingInterval(housekeepingInterval));
    }

    private static String inAnHour() {
        return Instant.ofEpochMilli(System.currentTimeMillis() + 3_600_000).toString();
    }
}
