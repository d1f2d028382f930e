package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.redis.RedisFitness.Finding;
import dev.holdfast.redis.RedisFitness.Severity;
import dev.holdfast.support.TestServers;
import java.util.List;
import org.junit.jupiter.api.Test;

class RedisFitnessTest {

    @Test
    void aRedisThatKeepsEverythingHasNoFindings() {
        assertThat(findings()).isEmpty();
    }

    @Test
    void aRedisThatEvictsIsRefused() {
        List<Finding> findings = findings("maxmemory-policy allkeys-lru");

        assertThat(findings).extracting(Finding::severity).containsExactly(Severity.REFUSE);
        assertThat(findings.getFirst().text()).contains("allkeys-lru").contains("noeviction");
    }

    @Test
    void aRedisThatDoesNotPersistIsRefused() {
        List<Finding> findings = findings("appendonly no");

        assertThat(findings).extracting(Finding::severity).containsExactly(Severity.REFUSE);
        assertThat(findings.getFirst().text()).contains("appendonly");
    }

    @Test
    void aRedisThatSyncsOnceASecondIsWarnedOf() {
        List<Finding> findings = findings("appendfsync everysec");

        assertThat(findings).extracting(Finding::severity).containsExactly(Severity.WARN);
        assertThat(findings.getFirst().text()).contains("everysec");
    }

    @Test
    void aRedisThatHidesItsConfigurationIsWarnedOf() {
        List<Finding> findings = findings("rename-command CONFIG \"\"", "maxmemory-policy allkeys-lru");

        assertThat(findings).extracting(Finding::severity).containsExactly(Severity.REFUSE, Severity.WARN);
        assertThat(findings).extracting(Finding::code).containsExactly("redis-evicts", "redis-sync-unknown");
        assertThat(findings.getLast().text()).contains("could not be checked");
    }

    private static List<Finding> findings(String... settings) {
        try (RedisRoom room = RedisRoom.at(TestServers.ownRedis(settings).uri())) {
            return room.await(() -> new RedisFitness(room.redis).check());
        }
    }
}
