package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.ScriptOutputType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    /**
     * What these have done in half is not seen by anybody until they are called again, and then is done: a lane that is being rebuilt answers
     * to nobody, and what is dropped was not to be seen any more.
     */
    private static final Set<Script> DONE_BY_REPEATING =
            Set.of(Script.SEAL, Script.CLEAR, Script.RESTORE_STOCK, Script.RESTORE_HOLDS, Script.RESTORE_BUYERS);

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
        Map<String, Object> after = LaneCopy.contents(call.seed);
        if (after.equals(before)) {
            return "nothing";
        }
        Object again = call.make(0);
        Map<String, Object> repeated = LaneCopy.contents(call.seed);
        if (repeated.equals(after) && isRefused(again)) {
            assertThat(call.write()).as("another write " + place).matches(FaultAtEachCallTest::isRefused);
            assertThat(LaneCopy.contents(call.seed)).as("after another write " + place).isEqualTo(after);
            return "stopped";
        }
        if (repeated.equals(whole) && DONE_BY_REPEATING.contains(subject.script())) {
            return "done by repeating";
        }
        return fail("%s %s: half done, and the lane goes on: repeated, it answers %s; before %s, after the fault %s, repeated %s",
                subject, place, again, before, after, repeated);
    }

    private static boolean isRefused(Object answer) {
        return answer instanceof RedisCommandExecutionException || Set.of("BEHIND", "NO_LANE").contains(word(answer));
    }

    private static Object word(Object answer) {
        return answer instanceof List<?> parts && !parts.isEmpty() ? parts.getFirst() : answer;
    }

    /** One script on one lane, at one moment of Redis's clock. */
    private record Call(RedisSeed seed, ScriptCase subject, List<String> arguments, List<String> time) {

        Call(RedisSeed seed, ScriptCase subject, List<String> arguments) {
            this(seed, subject, arguments, seed.room.look().time());
        }

        /** What it answers, or what Redis says; made to fail at so manieth command that it gives to Redis, 0 for never. */
        Object make(int failingCommand) {
            return evaluate(subject.script(), failingCommand, subject.epochsLater(), arguments);
        }

        /** Something else that would write. */
        Object write() {
            return evaluate(Script.AUDIT, 0, 0, List.of("audit-of-another"));
        }

        boolean isFault(Object answer) {
            return answer instanceof RedisCommandExecutionException failure
                    && String.valueOf(failure.getMessage()).contains(FAULT);
        }

        private Object evaluate(Script script, int failingCommand, int epochsLater, List<String> rest) {
            List<String> argv = new ArrayList<>();
            argv.add("" + (seed.lane.epoch() + epochsLater));
            argv.addAll(rest);
            try {
                return seed.room.look()
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
                    """
                            .formatted(failingCommand, FAULT, time.get(0), time.get(1))
                    + text.substring(firstLine);
        }
    }
}
