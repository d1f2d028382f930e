package dev.holdfast.scenario;

import java.util.List;
import java.util.Map;

/**
 * The frames of one stream of stock events, in the order in which they came.
 *
 * @param node of which it was asked
 * @param whole whether it was open until all had settled, so that its last frame must show the end
 */
record WatchedStock(int node, List<Frame> frames, boolean whole) {

    /** The SKUs that it tells of, and a moment at which it was there. */
    record Frame(Map<String, Counts> items, long atNanos) {}
}
