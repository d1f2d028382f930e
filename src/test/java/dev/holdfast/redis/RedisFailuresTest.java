package dev.holdfast.redis;

import static dev.holdfast.redis.ScriptCallsTest.assertReason;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.Unavailable.Reason;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisFailuresTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "LOADING Redis is loading the dataset in memory",
                "READONLY You can't write against a read only replica.",
                "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
                "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
                "MOVED 3999 127.0.0.1:6381",
                "CLUSTERDOWN Hash slot not served",
                "BUSY Redis is busy running a script."
            })
    void whatRedisRefusesIsSurelyNotDone(String error) {
        assertReason(reply(Effect.CHANGES, error), Reason.REDIS_UNAVAILABLE);
    }

    @Test
    void aFullRedisIsOverload() {
        assertReason(
                reply(Effect.CHANGES, "OOM command not allowed when used memory > 'maxmemory'."), Reason.OVERLOADED);
    }

    @Test
    void anyOtherErrorReplyIsABugOfOurs() {
        assertThat(reply(Effect.CHANGES, "ERR value is not an integer"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("hold.lua")
                .hasMessageContaining("not an integer");
    }

    @Test
    void noReplyLeavesAChangeInDoubtAndAQuestionNot() {
        RedisException lost = new RedisException("Connection disconnected");

        assertReason(RedisFailures.ofReply("hold.lua", Effect.CHANGES, lost), Reason.OUTCOME_UNKNOWN);
        assertReason(RedisFailures.ofReply("find.lua", Effect.READS, lost), Reason.REDIS_UNAVAILABLE);
    }

    private static Throwable reply(Effect effect, String error) {
        return RedisFailures.ofReply("hold.lua", effect, new RedisCommandExecutionException(error));
    }
}
