package dev.holdfast.admin.preflight;

import dev.holdfast.ledger.PreflightBook.SaleFacts;
import dev.holdfast.ledger.PreflightBook.SkuFacts;
import dev.holdfast.redis.RedisFitness;
import dev.holdfast.redis.RedisMemory;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.Sale;
import java.util.List;
import java.util.OptionalLong;

/** All that the checks of one sale judge by. */
record Evidence(ListedSale listed, SaleFacts facts, SkuFacts skus, RedisFacts redis) {

    /**
     * What Redis says.
     *
     * @param lastSeq of the lane's ledger; empty where Redis does not have the lane
     * @param lagMs how far the sale's clock is behind Redis's, ms; 0 as a rule, and where Redis does not have the lane
     */
    record RedisFacts(List<RedisFitness.Finding> fitness, RedisMemory memory, OptionalLong lastSeq, long lagMs) {}

    Sale sale() {
        return listed.sale();
    }

    /** The sale's clock, ms since 1970. */
    long nowMs() {
        return facts.nowMs() + sale().clockOffsetMs();
    }

    /** Whether Redis and PostgreSQL agree that the lane may sell. */
    boolean laneOpen() {
        return listed.laneState() == ListedSale.LaneState.OPEN
                && redis.lastSeq().isPresent();
    }
}
