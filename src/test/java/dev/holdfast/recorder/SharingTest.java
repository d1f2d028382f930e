package dev.holdfast.recorder;

import static dev.holdfast.ledger.TestBooks.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.dev.LocalRedis;
import dev.holdfast.reservation.Lane;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Many lanes on several nodes: each node has its share of them, and what nothing happens on costs hardly anything. */
class SharingTest {

    private static final Pattern CALLS = Pattern.compile("cmdstat_([a-z|]+):calls=(\\d+)");

    private final String uri = TestServers.freshDatabase();

    @Test
    void lanesAreSharedEquallyAmongTheNodesThatLive() {
        try (RecordingNode one = new RecordingNode(uri, "one").record();
                RecordingNode two = new RecordingNode(uri, "two");
                RecordingNode three = new RecordingNode(uri, "three")) {
            List<Lane> lanes = lanes(one, 12);
            await().until(() -> recordedBy(one, lanes) == 12);

            two.record();
            await().until(() -> recordedBy(one, lanes) <= 7 && recordedBy(one, lanes) + recordedBy(two, lanes) == 12);
            three.record();
            await().until(() -> Math.max(recordedBy(one, lanes), recordedBy(two, lanes)) <= 5
                    && recordedBy(one, lanes) + recordedBy(two, lanes) + recordedBy(three, lanes) == 12);
            lanes.forEach(lane -> three.hold(lane, 2));
            lanes.forEach(three::awaitRecorded);

            assertThat(lanes)
                    .allSatisfy(lane -> assertThat(one.db.stock(lane, "SHOE")).isEqualTo("98/2/0 of 100"));
            assertThat(one.db.number("select count(distinct recorder) from lanes"))
                    .isEqualTo(3);
        }
    }

    @Test
    void whatANodeHadThatDiedIsSharedByTheOthers() {
        try (RecordingNode one = new RecordingNode(uri, "one").record();
                RecordingNode two = new RecordingNode(uri, "two").record();
                RecordingNode three = new RecordingNode(uri, "three").record()) {
            List<Lane> lanes = lanes(one, 9);
            await().until(() -> recordedBy(one, lanes) + recordedBy(two, lanes) + recordedBy(three, lanes) == 9);

            two.crash();
            lanes.forEach(lane -> one.hold(lane, 1));

            lanes.forEach(one::awaitRecorded);
            await().until(() -> recordedBy(one, lanes) + recordedBy(three, lanes) == 9);
            assertThat(recordedBy(one, lanes)).isBetween(3L, 5L);
        }
    }

    @Test
    void nodesTellEachOtherWhatTheyChanged() {
        try (RecordingNode seller = new RecordingNode(uri, "seller");
                RecordingNode recorder = new RecordingNode(TestServers.redisUri(), uri, neverLooks("recorder"))) {
            recorder.record();
            Lane lane = recorder.openLane(10);
            recorder.awaitRecorded(lane);
            seller.tell();

            for (int sold = 1; sold <= 5; sold++) {
                seller.hold(lane, 1);
                seller.awaitRecorded(lane);
            }

            assertThat(recorder.db.stock(lane, "SHOE")).isEqualTo("5/5/0 of 10");
        }
    }

    @Test
    void whatANodeDidNotTellIsFoundAllTheSame() {
        try (RecordingNode mute = new RecordingNode(uri, "mute");
                RecordingNode recorder = new RecordingNode(uri, "recorder").record()) {
            List<Lane> lanes = lanes(recorder, 5);
            lanes.forEach(recorder::awaitRecorded);

            lanes.forEach(lane -> mute.hold(lane, 1));
            lanes.forEach(mute::awaitRecorded);

            assertThat(lanes)
                    .allSatisfy(lane -> assertThat(mute.db.stock(lane, "SHOE")).isEqualTo("99/1/0 of 100"));
        }
    }

    @Test
    void aLaneOnWhichNothingHappensIsNotWrittenToAndCostsLessThanACommandASecond() {
        LocalRedis redis = TestServers.ownRedis();
        try (RecordingNode one = new RecordingNode(redis.uri(), uri, RecorderSettings.of("one")).record();
                RecordingNode two = new RecordingNode(redis.uri(), uri, RecorderSettings.of("two")).record();
                RedisClient client = RedisClient.create(redis.uri())) {
            RedisCommands<String, String> look = client.connect().sync();
            List<Lane> lanes = lanes(one, 40);
            lanes.forEach(one::awaitRecorded);
            await().until(() -> recordedBy(one, lanes) + recordedBy(two, lanes) == 40);
            await().until(() -> recordedBy(one, lanes) <= 21);
            String rows = one.db.text("select string_agg(ctid::text || xmin::text, ' ' order by sale_id) from lanes");

            long calls = calls(look, "evalsha");
            long commands = calls(look, "");
            long begun = System.nanoTime();
            await().atMost(Duration.ofSeconds(60)).until(() -> calls(look, "evalsha") >= calls + 3 * 40);
            double seconds = (System.nanoTime() - begun) / 1e9;
            double perSecond = (calls(look, "") - commands) / seconds / 40;

            System.out.printf("an idle lane costs %.2f commands a second%n", perSecond);
            assertThat(perSecond).isLessThan(1);
            assertThat(one.db.text("select string_agg(ctid::text || xmin::text, ' ' order by sale_id) from lanes"))
                    .isEqualTo(rows);
        } finally {
            redis.stop();
        }
    }

    @Test
    void aLaneThatIsFarBehindKeepsNoOtherWaiting() {
        try (RecordingNode node = new RecordingNode(uri, "node")) {
            Lane behind = node.openLane(10_000);
            List<Lane> others = lanes(node, 10);
            IntStream.range(0, 3_000).forEach(n -> node.hold(behind, 1));
            others.forEach(lane -> node.hold(lane, 1));

            node.record();
            others.forEach(node::awaitRecorded);
            node.awaitRecorded(behind);

            assertThat(node.db.stock(behind, "SHOE")).isEqualTo("7000/3000/0 of 10000");
            assertThat(node.audit(behind).balanced()).isTrue();
        }
    }

    /** Hears of changes from others only. */
    private static RecorderSettings neverLooks(String id) {
        RecorderSettings usual = RecorderSettings.of(id);
        return new RecorderSettings(
                id,
                usual.batch(),
                usual.lanes(),
                usual.pause(),
                usual.retryPause(),
                usual.watch(),
                Duration.ofHours(1),
                Duration.ofHours(1),
                usual.warnAt(),
                usual.behind());
    }

    private static List<Lane> lanes(RecordingNode node, int count) {
        return IntStream.range(0, count).mapToObj(n -> node.openLane(100)).toList();
    }

    private static long recordedBy(RecordingNode node, List<Lane> lanes) {
        return lanes.stream().filter(node.recorder::records).count();
    }

    /** How often Redis was asked by this command; by any, where the name is empty. */
    private static long calls(RedisCommands<String, String> redis, String command) {
        return CALLS.matcher(redis.info("commandstats"))
                .results()
                .filter(result ->
                        command.isEmpty() ? isOurs(result) : result.group(1).equals(command))
                .mapToLong(result -> Long.parseLong(result.group(2)))
                .sum();
    }

    /** Neither what the test asks nor what scripts do inside. */
    private static boolean isOurs(MatchResult result) {
        return List.of("evalsha", "xrange", "xread", "ping", "publish").contains(result.group(1));
    }
}
