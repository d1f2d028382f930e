package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.redis.Script;
import dev.holdfast.redis.Scripts;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A checker is itself checked: it must find every bug that is planted here, and none where none is. */
class PlantedBugsTest {

    private static final int OPERATIONS = 7000;
    private static final long SEED = Storm.seed();

    private static RedisClient client;
    private static StatefulRedisConnection<String, String> connection;

    /**
     * @param name what is wrong
     * @param inScripts where it is planted
     * @param changes what the script says, and what it says instead
     */
    record Bug(String name, List<Script> inScripts, Map<String, String> changes) {

        Bug(String name, List<Script> inScripts, String right, String wrong) {
            this(name, inScripts, Map.of(right, wrong));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeAll
    static void connect() {
        client = RedisClient.create(TestServers.redisUri());
        connection = client.connect();
    }

    @AfterAll
    static void disconnect() {
        client.shutdown();
    }

    static Stream<Bug> bugs() {
        List<Script> taking = List.of(Script.HOLD, Script.REPLACE);
        List<Script> expiring = List.of(
                Script.HOLD,
                Script.REPLACE,
                Script.CONFIRM,
                Script.RELEASE,
                Script.EXTEND,
                Script.EXPIRE,
                Script.STOCK);
        return Stream.of(
                new Bug(
                        "an adjustment is not in the ledger",
                        List.of(Script.ADJUST),
                        "append(lane, string.format('adjusted",
                        "tostring(string.format('adjusted"),
                new Bug(
                        "an adjustment that comes again acts again",
                        List.of(Script.ADJUST),
                        "if last == number then",
                        "there.version = version - 1 if false then"),
                new Bug(
                        "an adjustment makes units out of held ones",
                        List.of(Script.ADJUST),
                        "math.max(capacity, there.held + there.sold)",
                        "math.max(capacity, there.sold)"),
                new Bug(
                        "an adjustment goes below what is sold",
                        List.of(Script.ADJUST),
                        "and there.sold or",
                        "and 0 or"),
                new Bug(
                        "capacity that is to go does not go",
                        expiring,
                        "math.min(left, counts[available] or 0) or 0",
                        "0"),
                new Bug(
                        "capacity that goes is not in the ledger",
                        expiring,
                        "append(lane, 'shrunk '",
                        "tostring('shrunk '"),
                new Bug("a repeated request is held again", List.of(Script.HOLD), "if known[i] then", "if false then"),
                new Bug(
                        "another body passes under the same key",
                        List.of(Script.HOLD),
                        "hold.fingerprint ~= fingerprint",
                        "false"),
                new Bug(
                        "one unit more than available can be had",
                        taking,
                        "quantity - mine > stock.available",
                        "quantity - mine > stock.available + 1"),
                new Bug(
                        "one unit less than available can be had",
                        taking,
                        "quantity - mine > stock.available",
                        "quantity - mine >= stock.available"),
                new Bug(
                        "what ended can be confirmed",
                        List.of(Script.CONFIRM),
                        "elseif hold.state == 'H' then",
                        "elseif hold.state ~= 'C' then"),
                new Bug(
                        "what ended can be released",
                        List.of(Script.RELEASE),
                        "elseif hold.state == 'H' then",
                        "elseif hold.state ~= 'R' then"),
                new Bug(
                        "a confirm does not look at the deadline",
                        List.of(Script.CONFIRM),
                        "if is_due(lane, hold)",
                        "if false"),
                new Bug("no limit for a customer", taking, "lane.policy.customer_limit > 0", "false"),
                new Bug("no limit for a SKU", taking, "if stock.limit > 0 and", "if false and"),
                new Bug("a pause is ignored", taking, "lane.policy.state == 'paused'", "false"),
                new Bug(
                        "a pause keeps a cart from shrinking",
                        List.of(Script.REPLACE),
                        "grows and refusal_by_window(lane)",
                        "refusal_by_window(lane)"),
                new Bug("due holds keep their units from a buyer", taking, "take_back_due(lane, 100, MOST_WORK)", "0"),
                new Bug(
                        "an expiry is not in the ledger",
                        expiring,
                        "local seq = append(lane, entry)",
                        "local seq = op == 'expired' and hold.seq or append(lane, entry)"),
                new Bug(
                        "an expiry does not give the allowance back",
                        expiring,
                        "if target == 'available' then",
                        "if false then"),
                new Bug(
                        "a release leaves its units in held",
                        List.of(Script.RELEASE),
                        "add(moved, sku .. '|held', -quantity)",
                        ""),
                new Bug(
                        "an extension passes the maximum",
                        List.of(Script.EXTEND),
                        "math.min(lane.now_ms + hold_ms, hold.held_at + lane.policy.max_hold_ms)",
                        "lane.now_ms + hold_ms"),
                new Bug(
                        "an extension is not counted as a revision",
                        List.of(Script.EXTEND),
                        "local revision = hold.revision + 1",
                        "local revision = hold.revision"),
                new Bug(
                        "a replaced cart keeps the lines it no longer has",
                        List.of(Script.REPLACE),
                        "if not wanted[sku] then",
                        "if false then"),
                new Bug(
                        "a hold is swept before its deadline",
                        List.of(Script.EXPIRE),
                        Map.of(
                                "'-inf', lane.now, 'BYSCORE'",
                                "'-inf', lane.now_ms + 5000, 'BYSCORE'",
                                "lane.now_ms >= hold.expires_at",
                                "lane.now_ms + 5000 >= hold.expires_at")),
                new Bug(
                        "carts of one call do not see each other's units",
                        List.of(Script.HOLD),
                        "stock.available = stock.available - more",
                        ""),
                new Bug(
                        "carts of one call do not see each other's allowance",
                        List.of(Script.HOLD),
                        "view.taken[customer] = view.taken[customer] + units",
                        ""),
                new Bug(
                        "a request that is repeated within one call is held twice",
                        List.of(Script.HOLD),
                        "granted[cart.key] = cart",
                        ""),
                new Bug(
                        "a hold that is confirmed twice in one call is sold twice",
                        List.of(Script.CONFIRM),
                        "met[key] = hold",
                        ""));
    }

    @ParameterizedTest
    @MethodSource("bugs")
    void aPlantedBugIsFound(Bug bug) {
        Scripts altered = planted(bug);

        Violations violations = firstViolations(altered);

        System.out.println(bug + ": " + violations.perRule());
        assertThat(violations.found()).as("seed %d", SEED).isNotEmpty();
    }

    @Test
    void nothingIsFoundWhereNoBugIsPlanted() {
        Scripts scripts = Scripts.bundled();

        Evidence evidence = new ScriptStorm(connection.sync(), scripts, SEED).rage(OPERATIONS);

        System.out.println(
                "no bug: " + evidence.stream().size() + " entries, " + History.summary(evidence.operations()));
        assertThat(HistoryChecker.check(evidence).found()).as("seed %d", SEED).isEmpty();
    }

    /** A bug may need a rare meeting: up to three storms may pass. */
    private static Violations firstViolations(Scripts scripts) {
        Violations violations = new Violations();
        for (int storm = 0; storm < 3 && violations.found().isEmpty(); storm++) {
            violations =
                    HistoryChecker.check(new ScriptStorm(connection.sync(), scripts, SEED + storm).rage(OPERATIONS));
        }
        return violations;
    }

    private static Scripts planted(Bug bug) {
        Scripts bundled = Scripts.bundled();
        Map<Script, String> altered = new EnumMap<>(Script.class);
        for (Script script : bug.inScripts()) {
            String text = bundled.text(script);
            for (Map.Entry<String, String> change : bug.changes().entrySet()) {
                assertThat(text).as("%s in %s", bug.name(), script).contains(change.getKey());
                text = text.replace(change.getKey(), change.getValue());
            }
            altered.put(script, text);
        }
        return bundled.with(altered);
    }
}
