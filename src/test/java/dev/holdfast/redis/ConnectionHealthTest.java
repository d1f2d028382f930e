package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ConnectionHealthTest {

    private final ConnectionHealth health = new ConnectionHealth();

    @Test
    void oneRefusedWriteIsATroubleUntilThreeProbesInARowWereTaken() {
        health.met(RedisTrouble.REPLICA);

        take(2);
        assertThat(health.trouble()).hasValue(RedisTrouble.REPLICA);
        take(1);

        assertThat(health.trouble()).isEmpty();
    }

    @Test
    void aRefusalBetweenTwoProbesBeginsTheCountAnew() {
        health.met(RedisTrouble.FULL);
        take(2);

        health.met(RedisTrouble.FULL);
        take(2);

        assertThat(health.trouble()).hasValue(RedisTrouble.FULL);
    }

    @Test
    void aLostConnectionIsOverWithTheFirstWriteThatIsTaken() {
        health.met(RedisTrouble.DISCONNECTED);

        take(1);

        assertThat(health.trouble()).isEmpty();
    }

    @Test
    void whatWasMetLastIsTold() {
        health.met(RedisTrouble.DISCONNECTED);
        health.met(RedisTrouble.LOADING);

        assertThat(health.trouble()).hasValue(RedisTrouble.LOADING);
    }

    @Test
    void onlyWhoOwesRepliesTwoLooksInARowIsSilent() {
        health.looked(true);
        health.looked(false);
        health.looked(true);
        assertThat(health.trouble()).isEmpty();

        health.looked(true);

        assertThat(health.trouble()).hasValue(RedisTrouble.SILENT);
    }

    private void take(int probes) {
        for (int i = 0; i < probes; i++) {
            health.probeTaken(System.nanoTime());
        }
    }
}
