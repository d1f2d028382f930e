package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.ScriptOutputType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A script may fail at any of its commands: memory, a bug of ours, a wrong type of key. Lua takes nothing back then. So each script is
 * made to fail at the first command that it gives to Redis, at the second, and so on, in lanes in which it has something to do. After
 * that nothing has changed, or the lane has stopped: whatever is called next changes nothing either.
 */
class FaultAtEachCallTest {

    private static final String FAULT = "a fault that the test put in";

    /** What these have done in half is seen by nobody until they are called again, and done then: a lane that is rebuilt is sealed. */
    private static final Set<Script> OF_A_SEALED_LANE =
            Set.of(Script.SEAL, Script.CLEAR, Script.RESTORE_STOCK, Script.RESTORE_HOLDS, Script.RESTORE_BUYERS);

    private static final Set<Script> READS =
            Set.of(Script.FIND, Script.EXPIRIES, Script.SALE, Script.POSITION, Script.AUDIT, Script.SCAN, Script.LOOK);

    private static RedisRoom room;

    @BeforeAll
    static void connect() {
        room = RedisRoom.shared();
    }

    @AfterAll
    static void disconnect() {
        room.close();
    }

    static Stream<ScriptCase> cases() {
        return ScriptCase.all();
    }

    @Test
    void thereIsACaseForEveryScript() {
        assertThat(ScriptCase.all().map(ScriptCase::script)).contains(Script.values());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void whereACommandFailsNothingWasDoneOrTheLaneHasStopped(ScriptCase subject) {
        RedisSeed seed = RedisSeed.openSale(room);
        List<String> arguments = subject.lane().apply(seed);
        Call call = new Call(seed, subject, arguments);
        Map<String, Object> before = LaneCopy.contents(seed);
        LaneCopy copy = LaneCopy.of(seed);
        Object answer = call.make(0);
        Map<String, Object> whole = LaneCopy.contents(seed);
        assertThat(word(answer)).as("what %s answers", subject).isNotIn("BAD_ARGUMENT", "OUTDATED", "NOT_FOUND");
        if (!READS.contains(subject.script())) {
            assertThat(whole).as("what %s does", subject).isNotEqualTo(before);
        }

        List<String> outcomes = new ArrayList<>();
        for (int command = 1; ; command++) {
            copy.restore();
            Object failed = call.make(command);
            if (!call.isFault(failed)) {
                assertThat(failed).as("the answer without a fault").isEqualTo(answer);
                break;
            }
            outcomes.add(outcome(subject, call, before, whole, "at command " + command));
        }

        assertThat(outcomes).as("commands of " + subject).isNotEmpty().startsWith("nothing");
    }

    /** What is there after a fault; fails where the lane goes on although something was done in half. */
    private static String outcome(
            ScriptCase subject, Call call, Map<String, Object> before, Map<String, Object> whole, String place) {
        RedisSeed seed = call.seed;
        Map<String, Object> after = LaneCopy.contents(seed);
        if (after.equals(before)) {
            return "nothing";
        }
        LaneCopy copy = LaneCopy.of(seed);
        if (isRefused(call.write())) {
            assertThat(LaneCopy.contents(seed))
                    .as("after another write " + place)
                    .isEqualTo(after);
            call.make(0);
            Map<String, Object> repeated = LaneCopy.contents(seed);
            if (OF_A_SEALED_LANE.contains(subject.script()) && repeated.equals(whole)) {
                return "done by repeating";
            }
            assertThat(withoutTime(repeated, seed))
                    .as("after its repetition " + place)
                    .isEqualTo(withoutTime(after, seed));
            return "stopped";
        }
        copy.restore();
        assertThat(seqOf(after, seed)).as("the lane's seq " + place).isEqualTo(lastOf(after, seed));
        // What is in no entry of due is put there by the next call.
        if (subject.script() != Script.RESTORE_ENDED
                && !subject.name().contains("retention is over")
                && !subject.name().contains("in no entry of due")) {
            StockAssert.assertConsistent(seed);
        }
        call.make(0);
        assertThat(LaneCopy.contents(seed)).as("after its repetition " + place).isEqualTo(whole);
        return "a whole step";
    }

    /** What a stopped lane says of Redis's clock moves no units. */
    private static Map<String, Object> withoutTime(Map<String, Object> contents, RedisSeed seed) {
        Map<String, Object> rest = new TreeMap<>(contents);
        Map<Object, Object> sale =
                new TreeMap<>((Map<?, ?>) contents.get(seed.keys().sale()));
        List.of("seen_ms", "lag_ms", "doubt", "lag_until", "slip").forEach(sale::remove);
        rest.put(seed.keys().sale(), sale);
        return rest;
    }

    private static String seqOf(Map<String, Object> contents, RedisSeed seed) {
        return seed.lane.epoch() + "-" + ((Map<?, ?>) contents.get(seed.keys().sale())).get("seq");
    }

    private static String lastOf(Map<String, Object> contents, RedisSeed seed) {
        return ((List<?>) contents.get(seed.keys().ledger()))
                .getLast()
                .toString()
                .split(" ", -1)[0];
    }

    private static boolean isRefused(Object answer) {
        return answer instanceof RedisCommandExecutionException
                || Set.of("BEHIND", "NO_LANE").contains(word(answer));
    }

    private static Object word(Object answer) {
        return answer instanceof List<?> parts && !parts.isEmpty() ? parts.getFirst() : answer;
    }

    /** One script on one lane, at one moment of Redis's clock. */
    private record Call(RedisSeed seed, ScriptCase subject, List<String> arguments, List<String> time) {

        Call(RedisSeed seed, ScriptCase subject, List<String> arguments) {
            this(seed, subject, arguments, later(seed.room.look().time(), subject.clockStepSeconds()));
        }

        private static List<String> later(List<String> time, int seconds) {
            return List.of("" + (Long.parseLong(time.get(0)) + seconds), time.get(1));
        }

        /** What it answers, or what Redis says; made to fail at so manieth command that it gives to Redis, 0 for never. */
        @CanIgnoreReturnValue
        Object make(int failingCommand) {
            return evaluate(subject.script(), failingCommand, subject.epochsLater(), arguments);
        }

        /** Something else that would write. */
        Object write() {
            return evaluate(Script.SET_SALE, 0, 0, List.of("0", "999", "open", "0", "0", "60000", "300000", "0", "0"));
        }

        boolean isFault(Object answer) {
            return answer instanceof RedisCommandExecutionException failure
                    && String.valueOf(failure.getMessage()).contains(FAULT);
        }

        private Object evaluate(Script script, int failingCommand, int epochsLater, List<String> rest) {
            List<String> argv = new ArrayList<>();
            argv.add((seed.lane.epoch() + epochsLater) + (script.takesPlace() ? "-0" : ""));
            argv.addAll(rest);
            try {
                return seed.room
                        .look()
                        .eval(
                                watched(script, failingCommand),
                                ScriptOutputType.MULTI,
                                seed.keys().inOrder(),
                                argv.toArray(String[]::new));
            } catch (RedisCommandExecutionException failure) {
                return failure;
            }
        }

        private String watched(Script script, int failingCommand) {
            String text = Scripts.bundled().text(script);
            int firstLine = text.indexOf('\n') + 1;
            return text.substring(0, firstLine)
                    + """
                    local redis = (function(real)
                      local commands = 0
                      local function call(command, ...)
                        commands = commands + 1
                        if commands == %d then
                          error('%s')
                        end
                        if command == 'TIME' then
                          return {'%s', '%s'}
                        end
                        return real.call(command, ...)
                      end
                      return setmetatable({call = call}, {__index = real})
                    end)(redis)
                    """.formatted(failingCommand, FAULT, time.get(0), time.get(1))
                    + text.substring(firstLine);
        }
    }
}
