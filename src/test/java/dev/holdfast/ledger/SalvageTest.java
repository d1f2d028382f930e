package dev.holdfast.ledger;

import static dev.holdfast.ledger.History.cart;
import static dev.holdfast.ledger.TestBooks.await;
import static dev.holdfast.ledger.TestBooks.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerPosition;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.Recorded;
import dev.holdfast.reservation.StaleLane;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What Redis still has of a lane that is given up is recorded, or put aside for people. */
class SalvageTest {

    private static final AdminAction ACTION =
            new AdminAction(TestBooks.ACTION.author(), AdminAction.Kind.LANE_REBUILT, "a test");

    private static TestBooks db;

    private Lane lane;

    @BeforeAll
    static void open() {
        db = TestBooks.fresh();
    }

    @AfterAll
    static void close() {
        db.close();
    }

    @BeforeEach
    void aLaneWithTenUnits() {
        lane = db.openLane();
        await(db.books
                .ledger()
                .commit(lane, 0, History.fromTheStart().stock("A", 10).entries(), "node"));
    }

    @Test
    void whatGoesOnFromTheCursorIsRecorded() {
        History left = History.after(1).held("one", cart("A", 2)).confirmed("one", cart("A", 2));

        long putAside = salvage(begin(), left.entries());

        assertThat(putAside).isZero();
        assertThat(db.stock(lane, "A")).isEqualTo("8/0/2 of 10");
        assertThat(db.recordedSeq(lane)).isEqualTo(3);
    }

    @Test
    void whatTheBooksCannotTakeIsPutAsideWithAllThatBuildsOnIt() {
        History left = History.after(1)
                .held("one", cart("A", 9))
                .held("two", cart("A", 2))
                .held("three", cart("A", 1))
                .confirmed("two", cart("A", 2))
                .confirmed("three", cart("A", 1))
                .unreadable("?");

        long putAside = salvage(begin(), left.entries());

        assertThat(putAside).isEqualTo(3);
        assertThat(db.stock(lane, "A")).isEqualTo("0/9/1 of 10");
        assertThat(db.rowsOf("reservations", lane)).isEqualTo(2);
        assertThat(db.rowsOf("dead_letters", lane)).isEqualTo(3);
        assertThat(db.recordedSeq(lane)).isEqualTo(7);
        assertThat(db.laneState(lane)).isEqualTo("rebuilding");
    }

    @Test
    void whatHappenedToAReservationThatTheBooksNeverHadIsPutAside() {
        await(db.books
                .ledger()
                .commit(lane, 1, History.after(1).held("one", cart("A", 2)).entries(), "node"));
        // As a Redis that came back older and sold on has it: what began it was lost.
        History begun = History.after(1).held("two", cart("A", 2));
        LedgerEntry confirmed = begun.confirmed("two", cart("A", 2)).entries().getLast();

        long putAside = salvage(begin(), List.of(confirmed));

        assertThat(putAside).isEqualTo(1);
        assertThat(db.stock(lane, "A")).isEqualTo("8/2/0 of 10");
    }

    @Test
    void whatComesAfterAGapIsNotTouchedBeforeItIsToBePutAside() {
        History left = History.after(4).held("one", cart("A", 9)).released("one", cart("A", 9));
        Rebuild rebuild = begin();

        Salvaged first = await(db.books.rebuilds().salvage(rebuild, new Left(left.entries())));
        long untouched = db.rowsOf("dead_letters", lane);
        Salvaged rest = await(db.books.rebuilds().putAsideTheRest(rebuild, first, new Left(left.entries())));

        assertThat(first).isEqualTo(new Salvaged(1, 0, 5));
        assertThat(untouched).isZero();
        assertThat(rest.putAside()).isEqualTo(2);
        assertThat(db.stock(lane, "A")).isEqualTo("10/0/0 of 10");
        assertThat(db.rowsOf("dead_letters", lane)).isEqualTo(2);
    }

    @Test
    void whatStandsBeforeAGapIsRecorded() {
        History left = History.after(1).held("one", cart("A", 2)).confirmed("one", cart("A", 2));
        List<LedgerEntry> withGap = new ArrayList<>(left.entries());
        withGap.addAll(History.after(7).held("two", cart("A", 1)).entries());

        Salvaged salvaged = await(db.books.rebuilds().salvage(begin(), new Left(withGap)));

        assertThat(salvaged).isEqualTo(new Salvaged(3, 0, 8));
        assertThat(db.stock(lane, "A")).isEqualTo("8/0/2 of 10");
    }

    @Test
    void nobodyElseMovesTheCursorMeanwhile() {
        Rebuild rebuild = begin();
        List<LedgerEntry> left = History.after(1).held("one", cart("A", 2)).entries();

        CommitOutcome byTheRecorder = await(db.books.ledger().commit(lane, 1, left, "node"));
        Rebuild later = begin();
        Throwable byAnOlderRebuild = failureOf(db.books.rebuilds().salvage(rebuild, new Left(left)));

        assertThat(byTheRecorder).isInstanceOf(CommitOutcome.LostRace.class);
        assertThat(byAnOlderRebuild).isInstanceOf(Overtaken.class);
        assertThat(salvage(later, left)).isZero();
        assertThat(db.stock(lane, "A")).isEqualTo("8/2/0 of 10");
    }

    @Test
    void anOlderRebuildCanNeitherTurnNorOpenNorFailTheLane() {
        Rebuild older = begin();
        Rebuild later = begin();

        assertThat(failureOf(db.books.rebuilds().turn(older, older.to(), 0))).isInstanceOf(Overtaken.class);
        await(db.books.rebuilds().turn(later, later.to(), 0));
        assertThat(failureOf(db.books.rebuilds().open(older, 0, 0, false))).isInstanceOf(Overtaken.class);
        assertThat(failureOf(db.books.rebuilds().fail(older, failed("too late"))))
                .isInstanceOf(Overtaken.class);

        assertThat(db.laneState(lane)).isEqualTo("rebuilding");
        await(db.books.rebuilds().open(later, 0, 0, false));
        assertThat(db.laneState(lane)).isEqualTo("open");
    }

    @Test
    void eachRebuildGetsEpochsOfItsOwnWhereRedisIsAheadOfTheBooks() {
        long seenEpoch = lane.epoch() + 1_000;

        Rebuild first = begin(seenEpoch);
        Rebuild second = begin(seenEpoch);

        assertThat(first.to().epoch()).isGreaterThan(seenEpoch + 1);
        assertThat(second.to().epoch()).isGreaterThan(first.to().epoch() + 1);
    }

    @Test
    void aRebuildThatFailsSaysWhyAndIsInTheAuditTrail() {
        Rebuild rebuild = begin();

        await(db.books.rebuilds().fail(rebuild, failed("no Redis")));

        assertThat(db.laneState(lane)).isEqualTo("recovering");
        assertThat(db.text(
                        "select state_reason from lanes where sale_id = $1",
                        lane.saleId().value()))
                .isEqualTo("rebuilding failed: no Redis");
        RebuildReport report = await(db.books.rebuilds().latest(lane.saleId())).orElseThrow();
        assertThat(report.state()).isEqualTo(RebuildReport.State.FAILED);
        assertThat(report.problem()).isEqualTo("no Redis");
        assertThat(db.number(
                        "select count(*) from admin_actions where sale_id = $1 and action = 'lane.rebuilt'",
                        lane.saleId().value()))
                .isEqualTo(1);
    }

    @Test
    void theCallOfAFailedRebuildIsTheWayOutAndNotTheOneThatFailed() {
        RebuildBook rebuilds = db.books.rebuilds();
        JsonObject redis = RebuildBook.Failed.asking(RebuildSource.REDIS);
        RebuildBook.Failed wouldLose = new RebuildBook.Failed("would-lose: 3", "Ask from redis.", redis);

        await(rebuilds.fail(begin(), RebuildBook.Failed.again("Redis is full", new JsonObject().put("discard", 3))));
        String asBefore = call();
        await(rebuilds.fail(begin(), wouldLose));
        String fromRedis = call();
        await(rebuilds.fail(begin(), RebuildBook.Failed.again("Redis is full", redis)));
        String fromRedisAgain = call();
        await(rebuilds.fail(begin(), RebuildBook.Failed.fromRedis("there are more units than there are")));
        String numbers = call();
        await(rebuilds.fail(begin(), wouldLose));

        assertThat(asBefore).endsWith("/rebuild {\"reason\":\"incident " + id() + ": rebuild-failed\",\"discard\":3}");
        assertThat(fromRedis).endsWith(": rebuild-failed\",\"from\":\"redis\"}").isEqualTo(fromRedisAgain);
        assertThat(numbers).isEqualTo("GET /v1/admin/sales/" + lane.saleId().value() + "/rebuild");
        assertThat(call()).isEqualTo(numbers);
        assertThat(incidents().getFirst().detail())
                .contains(
                        "would-lose: 3. A rebuild from redis does not get past this",
                        "\"discard\"",
                        "The sale does not sell.")
                .doesNotContain("Ask from redis");
    }

    private String call() {
        return incidents().getFirst().call().orElseThrow();
    }

    private long id() {
        return incidents().getFirst().id();
    }

    @Test
    void aRebuildThatFailsLeavesAnIncidentWhichTheNextOneThatSucceedsResolves() {
        await(db.books.rebuilds().fail(begin(), failed("Redis is full")));
        await(db.books.rebuilds().fail(begin(), failed("Redis is full still")));
        List<Incident> failed = incidents();
        Rebuild third = begin();
        await(db.books.rebuilds().turn(third, third.to(), 0));

        await(db.books.rebuilds().open(third, 0, 0, false));

        assertThat(failed).singleElement().satisfies(incident -> {
            assertThat(incident.detail()).contains("Redis is full still", "does not sell");
            assertThat(incident.times()).isEqualTo(2);
            assertThat(incident.whatToDo()).contains("ask for the rebuild again");
            assertThat(incident.call())
                    .hasValue("POST /v1/admin/sales/" + lane.saleId().value() + "/rebuild {\"reason\":\"incident "
                            + incident.id() + ": rebuild-failed\"}");
        });
        assertThat(incidents())
                .singleElement()
                .satisfies(incident -> assertThat(incident.state()).isEqualTo(Incident.State.RESOLVED));
    }

    @Test
    void aRebuildThatFailedBeforeItChangedAnythingLeavesAnOpenLaneOpen() {
        Rebuild rebuild = begin();

        boolean sells = await(db.books.rebuilds().failUntouched(rebuild, failed("Redis is away")));

        assertThat(sells).isTrue();
        assertThat(db.laneState(lane)).isEqualTo("open");
        assertThat(db.recordedSeq(lane)).isEqualTo(1);
        assertThat(await(db.books.rebuilds().latest(lane.saleId()))
                        .orElseThrow()
                        .state())
                .isEqualTo(RebuildReport.State.FAILED);
        assertThat(incidents())
                .singleElement()
                .satisfies(incident -> assertThat(incident.detail()).contains("Redis is away", "goes on selling"));
    }

    @Test
    void aStoppedLaneStaysStoppedAfterARebuildThatChangedNothing() {
        await(db.books.rebuilds().fail(begin(), failed("no Redis")));

        boolean sells = await(db.books.rebuilds().failUntouched(begin(), failed("still no Redis")));

        assertThat(sells).isFalse();
        assertThat(db.laneState(lane)).isEqualTo("recovering");
    }

    @Test
    void aRebuildThatIsNotRenewedAnyMoreIsMarkedAsFailed() {
        Rebuild abandoned = begin();
        lapseLease();

        await(db.books.rebuilds().failAbandoned());
        await(db.books.rebuilds().failAbandoned());

        RebuildReport report = await(db.books.rebuilds().latest(lane.saleId())).orElseThrow();
        assertThat(report.state()).isEqualTo(RebuildReport.State.FAILED);
        assertThat(report.problem()).isEqualTo("the node that did it ended, or stood still: ask again");
        assertThat(db.laneState(lane)).isEqualTo("recovering");
        assertThat(incidents())
                .singleElement()
                .satisfies(incident -> assertThat(incident.times()).isEqualTo(1));
        assertThat(failureOf(db.books.rebuilds().turn(abandoned, abandoned.to(), 0)))
                .isInstanceOf(Overtaken.class);
    }

    @Test
    void aRebuildThatIsRenewedGoesOn() {
        Rebuild rebuild = begin();
        lapseLease();
        db.books.rebuilds().renew(rebuild);
        Awaitility.await()
                .until(() -> db.number(
                                "select count(*) from rebuilds where sale_id = $1 and lease_until > clock_timestamp()",
                                lane.saleId().value())
                        == 1);

        await(db.books.rebuilds().failAbandoned());

        assertThat(db.laneState(lane)).isEqualTo("rebuilding");
        await(db.books.rebuilds().turn(rebuild, rebuild.to(), 0));
    }

    private void lapseLease() {
        db.sql(
                "update rebuilds set lease_until = clock_timestamp() - interval '1 second' where sale_id = $1",
                lane.saleId().value());
    }

    private List<Incident> incidents() {
        Incidents.Query query = new Incidents.Query(lane.saleId(), null, IncidentKind.REBUILD_FAILED, null);
        return await(db.books.incidents().find(query, null, 10)).items();
    }

    private static RebuildBook.Failed failed(String why) {
        return RebuildBook.Failed.again(why, new JsonObject());
    }

    private Rebuild begin() {
        return begin(0);
    }

    private Rebuild begin(long seenEpoch) {
        return await(db.books.rebuilds().begin(lane.saleId(), RebuildSource.POSTGRES, seenEpoch, ACTION))
                .orElseThrow();
    }

    private static long salvage(Rebuild rebuild, List<LedgerEntry> left) {
        return await(db.books.rebuilds().salvage(rebuild, new Left(left))).putAside();
    }

    /** What is left of a stream that nobody can write to any more. */
    private record Left(List<LedgerEntry> entries) implements LedgerStream {

        @Override
        public Future<List<LedgerEntry>> read(Lane lane, long afterSeq, int most) {
            return Future.succeededFuture(entries.stream()
                    .filter(entry -> entry.seq() > afterSeq)
                    .limit(most)
                    .toList());
        }

        @Override
        public Future<Set<Lane>> grown(Map<Lane, Long> afterSeqs) {
            return Future.succeededFuture(Set.of());
        }

        @Override
        public Future<Void> ping() {
            return Future.succeededFuture();
        }

        @Override
        public Future<Boolean> trim(Lane lane, Recorded recorded) {
            return Future.failedFuture(new StaleLane(lane, "NO_LANE"));
        }

        @Override
        public Future<Long> lastSeq(Lane lane) {
            return Future.failedFuture(new StaleLane(lane, "NO_LANE"));
        }

        @Override
        public Future<LedgerPosition> position(Lane lane) {
            return Future.failedFuture(new StaleLane(lane, "NO_LANE"));
        }
    }
}
