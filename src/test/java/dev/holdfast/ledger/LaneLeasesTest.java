package dev.holdfast.ledger;

import static dev.holdfast.ledger.TestBooks.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.reservation.Lane;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LaneLeasesTest {

    private TestBooks db;
    private LaneLeases leases;

    @BeforeEach
    void open() {
        db = TestBooks.fresh();
        leases = db.books.leases();
    }

    @AfterEach
    void close() {
        db.close();
    }

    @Test
    void aLaneIsOneNodesUntilItGivesItBack() {
        Lane lane = db.openLane();
        live("node-1", "node-2");

        Map<Lane, Long> first = take("node-1", 10);
        Map<Lane, Long> second = take("node-2", 10);
        await(leases.giveBack("node-1"));
        Map<Lane, Long> third = take("node-2", 10);

        assertThat(first).containsExactly(Map.entry(lane, 0L));
        assertThat(second).isEmpty();
        assertThat(third).containsOnlyKeys(lane);
    }

    @Test
    void aNodeThatDiedLosesItsLanesWhenItsLeaseRunsOut() {
        Lane lane = db.openLane();
        live("node-1", "node-2");
        assertThat(take("node-1", 10)).containsOnlyKeys(lane);

        await().until(() -> {
            live("node-2");
            return take("node-2", 10).containsKey(lane);
        });

        live("node-1");
        assertThat(take("node-1", 10)).isEmpty();
        assertThat(await(leases.held("node-1"))).isEmpty();
        assertThat(await(leases.held("node-2"))).containsExactly(lane);
    }

    @Test
    void aNodeThatRenewsKeepsAllItsLanesWithoutTouchingThem() {
        db.openLane();
        db.openLane();
        live("node-1");
        take("node-1", 10);
        String before = db.text("select string_agg(xmin::text || ctid::text, ' ' order by sale_id) from lanes");

        live("node-1");
        Map<Lane, Long> again = take("node-1", 10);

        assertThat(again).isEmpty();
        assertThat(db.text("select string_agg(xmin::text || ctid::text, ' ' order by sale_id) from lanes"))
                .isEqualTo(before);
    }

    @Test
    void noMoreAreTakenThanAreWantedAndNoneTwice() {
        List<Lane> lanes = List.of(db.openLane(), db.openLane(), db.openLane());
        live("node-1", "node-2");

        Set<Lane> first = take("node-1", 2).keySet();
        Set<Lane> second = take("node-2", 2).keySet();

        assertThat(first).hasSize(2);
        assertThat(second).hasSize(1);
        Set<Lane> all = new HashSet<>(first);
        all.addAll(second);
        assertThat(all).containsExactlyInAnyOrderElementsOf(lanes);
    }

    @Test
    void whatIsGivenAwayMayBeTakenAtOnceAndWhatIsAnothersStays() {
        Lane given = db.openLane();
        live("node-1", "node-2");
        take("node-1", 10);
        Lane others = db.openLane();
        take("node-2", 10);

        await(leases.giveAway("node-1", List.of(given, others)));

        assertThat(take("node-2", 10)).containsOnlyKeys(given);
        assertThat(await(leases.held("node-2"))).containsExactlyInAnyOrder(given, others);
    }

    @Test
    void onlyWhoLivesIsCounted() {
        assertThat(await(leases.renew("node-1"))).isEqualTo(1);
        assertThat(await(leases.renew("node-2"))).isEqualTo(2);

        await(leases.giveBack("node-1"));

        assertThat(await(leases.renew("node-2"))).isEqualTo(1);
    }

    @Test
    void aLaneThatNamesANodeOfWhichNothingIsKnownIsFree() {
        Lane lane = db.openLane();
        db.sql("update lanes set recorder = 'from a restored backup'");
        live("node-1");

        assertThat(take("node-1", 10)).containsOnlyKeys(lane);
    }

    @Test
    void aLaneThatDoesNotSellIsNobodys() {
        Lane lane = db.openLane();
        live("node-1");
        take("node-1", 10);

        await(db.books.lanes().reportLost(lane, "lost"));

        assertThat(await(leases.held("node-1"))).isEmpty();
        assertThat(take("node-1", 10)).isEmpty();
    }

    private void live(String... nodes) {
        for (String node : nodes) {
            assertThat(await(leases.renew(node))).isPositive();
        }
    }

    private Map<Lane, Long> take(String node, int most) {
        return await(leases.take(node, most));
    }
}
