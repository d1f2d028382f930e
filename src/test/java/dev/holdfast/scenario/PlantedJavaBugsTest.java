package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.Settings;
import dev.holdfast.dev.LocalRedis;
import dev.holdfast.scenario.LedgerLine.Change;
import dev.holdfast.scenario.SaleStorm.Kind;
import dev.holdfast.scenario.SaleStorm.Town;
import dev.holdfast.support.Api;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A checker is itself checked, in Java, too: each bug is planted into the source, compiled, and found by what the storm's checker says of it;
 * the same storm on the program as it is finds nothing.
 */
class PlantedJavaBugsTest {

    private static final int CLIENTS = 12;
    private static final long SEED = Storm.seed();

    /** Buyers of the one node in a town. */
    private static final int BUYERS = 10;

    private final String database = TestServers.migratedDatabase();
    private final BooksReader books = new BooksReader(database);

    @TempDir
    private Path folder;

    /** What is done to a town in the middle of its storm. */
    private interface Trouble {
        void befall(SaleStorm storm, URI node) throws SQLException;
    }

    @Test
    void theProgramAsItIsPassesAllTheseStorms() throws Exception {
        Violations violations = rage(new AlteredProgram(), Kind.LONG, (storm, node) -> {
            untilMoreDone(storm, 300);
            keepStockLocked(storm, node);
            failForAMoment(storm);
        });
        Violations bare = rage(new AlteredProgram(), Kind.BARE, (storm, node) -> untilMoreRefused(storm, 300));
        Violations twice = rage(
                PlantedBug.CURSOR_WITHOUT_COMPARE.environment(new AlteredProgram()),
                Kind.LONG,
                (storm, node) -> untilMoreAdjusted(storm, 20));

        assertThat(violations.found()).as("seed %d", SEED).isEmpty();
        assertThat(bare.found()).as("seed %d", SEED).isEmpty();
        assertThat(twice.found()).as("seed %d", SEED).isEmpty();
        assertThat(olderPast(new AlteredProgram()).perRule()).doesNotContainKey("acknowledged but not in the ledger");
    }

    @Test
    void aRepeatedRequestThatLooksNewIsFound() throws Exception {
        Violations violations =
                rage(planted(PlantedBug.REPLAYED_ANSWERED_201), Kind.LONG, (storm, node) -> untilMoreDone(storm, 300));

        assertThat(violations.perRule()).containsOnlyKeys("acknowledged something else than was asked");
    }

    @Test
    void aNearCacheThatIsNeverWipedIsFound() throws Exception {
        Violations violations = rage(
                planted(PlantedBug.NEAR_CACHE_NEVER_WIPED), Kind.BARE, (storm, node) -> untilMoreRefused(storm, 1_000));

        assertThat(violations.perRule()).containsOnlyKeys("refused without reason");
    }

    @Test
    void aTrimThatIsOneTooFarIsFound() throws Exception {
        Violations violations = rage(planted(PlantedBug.TRIM_ONE_TOO_FAR), Kind.LONG, (storm, node) -> {
            untilMoreDone(storm, 100);
            keepStockLocked(storm, node);
        });

        // Before its first wrong answer it may meet the gap that it made itself.
        assertThat(violations.perRule().keySet())
                .containsAnyOf("told as recorded before it was", "not served without a cause");
    }

    @Test
    void aDeadLetterForATransientErrorIsFound() throws Exception {
        Violations violations =
                rage(planted(PlantedBug.DEAD_LETTER_FOR_A_TRANSIENT_ERROR), Kind.LONG, (storm, node) -> {
                    untilMoreDone(storm, 100);
                    failForAMoment(storm);
                });

        assertThat(violations.found()).anyMatch(found -> found.startsWith("not served without a cause: recovering"));
    }

    @Test
    void aCursorThatIsMovedWithoutACompareIsFound() throws Exception {
        PlantedBug bug = PlantedBug.CURSOR_WITHOUT_COMPARE;

        Violations violations = rage(
                bug.plantedIn(bug.environment(new AlteredProgram())),
                Kind.LONG,
                (storm, node) -> untilMoreAdjusted(storm, 20));

        assertThat(violations.perRule().keySet())
                .containsAnyOf(
                        "PostgreSQL's stock is not the ledger's",
                        "an audit found a difference",
                        "not served without a cause");
    }

    @Test
    void aTrustThatAlwaysSaysYesIsFound() throws Exception {
        String rule = "acknowledged but not in the ledger";

        // Where the node that is asked came to record the lane, it knows its end, and a second defence holds: then
        // another town is made.
        Violations violations = new Violations();
        for (int towns = 0; towns < 6 && !violations.perRule().containsKey(rule); towns++) {
            violations = olderPast(planted(PlantedBug.TRUST_ALWAYS_SAYS_YES));
        }

        assertThat(violations.perRule()).containsKey(rule);
    }

    @Test
    void aRebuildThatForgetsEverySecondLostPurchaseIsFound() throws Exception {
        Violations violations = loss(planted(PlantedBug.EVERY_SECOND_IS_NOT_PUT_BACK));

        assertThat(violations.perRule()).containsOnlyKeys("neither put back nor listed as ended");
        assertThat(loss(new AlteredProgram()).found()).isEmpty();
    }

    /** A storm in which Redis is emptied when callers have been told of much that is not recorded, and the lane is rebuilt. */
    private Violations loss(AlteredProgram program) throws Exception {
        Path classes = program.into(Files.createTempDirectory(folder, "program"));
        LocalRedis redis = TestServers.ownRedis();
        String itsDatabase = TestServers.migratedDatabase();
        BooksReader itsBooks = new BooksReader(itsDatabase);
        try (AlteredNode.Program altered = new AlteredNode.Program(classes);
                AlteredNode node = altered.start(redis.uri(), itsDatabase);
                RedisClient client = RedisClient.create(redis.uri());
                StatefulRedisConnection<String, String> connection = client.connect()) {
            Town town = new Town(node.api(), List.of(node.publicUri()), connection.sync(), itsBooks);
            try (SaleStorm storm = new SaleStorm(town, Kind.LONG, SEED);
                    Connection locking = itsBooks.connect();
                    Statement statement = locking.createStatement()) {
                storm.begin(CLIENTS);
                untilMoreDone(storm, 100);
                locking.setAutoCommit(false);
                statement.execute("lock table stock in access exclusive mode");
                untilMoreDone(storm, 400);
                assertThat(connection.sync().flushall()).isEqualTo("OK");
                storm.lostThePast();
                storm.awaitStopped();
                locking.rollback();
                storm.rebuildAfterLoss(node.api());
                long done = storm.history().count("done");
                await().until(() -> storm.history().count("done") > done + 100);
                storm.end();
                storm.settle();
                return HistoryChecker.check(
                        storm.evidence(), Settings.Rush.usual().nearCache());
            }
        } finally {
            redis.stop();
        }
    }

    private static AlteredProgram planted(PlantedBug bug) {
        return bug.plantedIn(new AlteredProgram());
    }

    /** A storm on one node of this program. Where the sale stops, what is left is checked as it is. */
    private Violations rage(AlteredProgram program, Kind kind, Trouble trouble) throws Exception {
        FaultLog faults = new FaultLog();
        Path classes = program.into(Files.createTempDirectory(folder, "program"));
        try (AlteredNode.Program altered = new AlteredNode.Program(classes);
                AlteredNode node = altered.start(TestServers.redisUri(), database);
                RedisClient client = RedisClient.create(TestServers.redisUri());
                MachinePulse pulse = new MachinePulse(faults)) {
            pulse.feel(client);
            pulse.feel(node.api());
            Town town = new Town(
                    node.api(), List.of(node.publicUri()), client.connect().sync(), books);
            try (SaleStorm storm = new SaleStorm(town, kind, SEED)) {
                storm.begin(CLIENTS);
                storm.steer();
                storm.observe();
                trouble.befall(storm, node.publicUri());
                storm.goOnWhereItStopped(1_000);
                pulse.end();
                storm.end();
                if (!storm.settlesUnlessItStops()) {
                    Violations violations = new Violations();
                    new LivenessCheck(faults, violations).check(storm.evidenceOfRedis());
                    return violations;
                }
                Evidence evidence = storm.evidence();
                Violations violations = HistoryChecker.checkOfOneNode(
                        evidence, Settings.Rush.usual().nearCache());
                new LivenessCheck(faults, violations).check(evidence);
                return violations;
            }
        }
    }

    private static void untilMoreDone(SaleStorm storm, int more) {
        until(storm, storm.history().count("done") + more, "done");
    }

    private static void untilMoreRefused(SaleStorm storm, int more) {
        until(storm, storm.history().count("out-of-stock") + more, "out-of-stock");
    }

    private static void until(SaleStorm storm, long count, String word) {
        untilItStopsOr(storm, () -> storm.history().count(word) >= count);
    }

    /** A reservation's event that is recorded twice changes nothing; an adjustment does. */
    private static void untilMoreAdjusted(SaleStorm storm, int more) {
        int wanted = storm.adjusted() + more;
        untilItStopsOr(storm, () -> storm.adjusted() >= wanted);
    }

    private static void untilItStopsOr(SaleStorm storm, BooleanSupplier enough) {
        await().until(() -> enough.getAsBoolean() || storm.history().count("recovering") > 0);
    }

    /** Nothing can be recorded meanwhile, and somebody looks at the first reservation that is not. */
    private void keepStockLocked(SaleStorm storm, URI node) throws SQLException {
        boolean looked = false;
        while (!looked && storm.history().count("recovering") == 0) {
            try (Connection locking = books.connect();
                    Statement statement = locking.createStatement()) {
                locking.setAutoCommit(false);
                statement.execute("lock table stock in access exclusive mode");
                untilMoreDone(storm, 50);
                looked = lookAtTheFirstUnrecorded(storm, node);
                untilMoreDone(storm, 50);
                locking.rollback();
            }
            untilMoreDone(storm, 20);
        }
    }

    /** False where the first entry that is not recorded is not of a reservation, or not of its last transition. */
    private boolean lookAtTheFirstUnrecorded(SaleStorm storm, URI node) {
        long first = books.recordedSeq(storm.saleId()) + 1;
        List<Change> waiting = new ArrayList<>();
        storm.lane().ledger().tailMap(first).forEach((seq, text) -> {
            if (LedgerLine.parse(seq, text) instanceof Change change) {
                waiting.add(change);
            }
        });
        if (waiting.isEmpty() || waiting.getFirst().seq() != first) {
            return false;
        }
        String id = waiting.getFirst().id();
        if (waiting.stream().filter(change -> change.id().equals(id)).count() > 1) {
            return false;
        }
        Ask.Find find = new Ask.Find(id);
        try (HttpShop shop = new HttpShop(node, Api.CHECKOUT_KEY, storm.saleId())) {
            Answer answer = storm.history().log(CLIENTS, 0, find, () -> shop.ask(find, Fault.NONE));
            return answer instanceof Answer.Done;
        }
    }

    /** Inserts fail as one does that meets a partition which is attached at that moment: a violation without a constraint. */
    private void failForAMoment(SaleStorm storm) throws SQLException {
        try (Connection connection = books.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("""
                    create or replace function of_the_moment() returns trigger as $$
                    begin
                        raise exception 'of the moment' using errcode = 'check_violation';
                    end
                    $$ language plpgsql
                    """);
            statement.execute("create or replace trigger of_the_moment before insert on reservations"
                    + " for each row execute function of_the_moment()");
            untilMoreDone(storm, 200);
            // To drop the trigger would lock the table, and its parts, among those who use it.
            statement.execute("create or replace function of_the_moment() returns trigger as"
                    + " $$ begin return new; end $$ language plpgsql");
        }
        untilMoreDone(storm, 100);
    }

    /**
     * Redis comes back with an older past while PostgreSQL cannot be asked, and a node that never met the sale is asked for its units. What
     * it sells is checked with the books.
     */
    private Violations olderPast(AlteredProgram program) throws Exception {
        Path classes = program.into(Files.createTempDirectory(folder, "program"));
        LocalRedis redis = TestServers.ownRedis();
        // Its own, too: one database and one Redis belong together.
        String itsDatabase = TestServers.migratedDatabase();
        BooksReader itsBooks = new BooksReader(itsDatabase);
        String saleId = "older-past-" + SEED;
        History history = new History();
        try (AlteredNode.Program altered = new AlteredNode.Program(classes);
                AlteredNode one = altered.start(redis.uri(), itsDatabase)) {
            one.api().putSale(saleId, false).must(201);
            one.api().putStock(saleId, "GPU", 10 * BUYERS).must(201);
            Path data = dataOf(redis);
            buy(history, one, saleId, "first", itsBooks, BUYERS);
            redis.stop();
            Path backup = folder.resolve("backup-" + System.nanoTime());
            copy(data, backup);
            redis.restart();
            await().until(() -> one.api().stock(saleId, "GPU").status() == 200);
            buy(history, one, saleId, "second", itsBooks, 2 * BUYERS);
            // So late that it has not met the sale.
            try (AlteredNode two = altered.start(redis.uri(), itsDatabase);
                    Connection locking = itsBooks.connect();
                    Statement statement = locking.createStatement()) {
                redis.kill();
                copy(backup, data);
                locking.setAutoCommit(false);
                // Cursors cannot be read; which lanes there are can be.
                statement.execute("lock table lanes in exclusive mode");
                redis.restart();
                await().until(() -> !List.of("redis-unavailable", "not-sent")
                        .contains(hold(history, two, saleId, "third").code()));
                locking.rollback();
            }
            Evidence evidence = new Evidence(
                    Map.of(),
                    itsBooks.state(saleId).ledger(),
                    new LaneState(Map.of(), Map.of(), Map.of(), Map.of()),
                    null,
                    history.operations());
            return HistoryChecker.check(evidence);
        } finally {
            redis.stop();
        }
    }

    /** So many units are held in all, and recorded. */
    private static void buy(
            History history, AlteredNode node, String saleId, String buyers, BooksReader books, int units) {
        for (int i = 0; i < BUYERS; i++) {
            var unused = hold(history, node, saleId, buyers + i);
        }
        await().until(() -> books.state(saleId).reservations().size() == units);
    }

    /** What came of it; the code of a refusal, and empty text otherwise. */
    private record Held(String code) {}

    private static Held hold(History history, AlteredNode node, String saleId, String customer) {
        try (HttpShop shop = new HttpShop(node.publicUri(), Api.CHECKOUT_KEY, saleId)) {
            Ask ask = new Ask.Hold(customer, null, Lines.of("GPU", 1), null);
            Answer answer = history.log(0, 0, ask, () -> shop.ask(ask, Fault.NONE));
            return new Held(answer instanceof Answer.Refused refused ? refused.code() : "");
        }
    }

    private static Path dataOf(LocalRedis redis) {
        try (RedisClient client = RedisClient.create(redis.uri());
                StatefulRedisConnection<String, String> connection = client.connect()) {
            return Path.of(connection.sync().configGet("dir").get("dir"));
        }
    }

    /** Only the append-only files: they are all that such a Redis loads. */
    private static void copy(Path from, Path to) throws IOException {
        Path source = from.resolve("appendonlydir");
        Path target = Files.createDirectories(to.resolve("appendonlydir"));
        try (Stream<Path> old = Files.list(target)) {
            for (Path file : old.toList()) {
                Files.delete(file);
            }
        }
        try (Stream<Path> files = Files.list(source)) {
            for (Path file : files.toList()) {
                Files.copy(file, target.resolve(file.getFileName().toString()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
