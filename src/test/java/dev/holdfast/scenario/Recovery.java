package dev.holdfast.scenario;

import java.util.ArrayList;
import java.util.List;

/**
 * What a storm went through.
 *
 * @param losses moments from each of which on Redis had another past, by System.nanoTime
 * @param rebuilds of the lane, in order
 */
record Recovery(List<Long> losses, List<Rebuilt> rebuilds) {

    static final Recovery NONE = new Recovery(List.of(), List.of());

    Recovery {
        losses = List.copyOf(losses);
        rebuilds = List.copyOf(rebuilds);
    }

    /**
     * An admin had the lane rebuilt.
     *
     * @param epoch that the lane got
     * @param discards whether it was told to put nothing back
     * @param startNanos before it was asked for
     * @param endNanos after the lane was seen to sell
     */
    record Rebuilt(long epoch, boolean discards, long startNanos, long endNanos) {}

    /** The same with one loss more. */
    Recovery andLossAt(long nanos) {
        List<Long> all = new ArrayList<>(losses);
        all.add(nanos);
        return new Recovery(all, rebuilds);
    }
}
