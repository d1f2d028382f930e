package dev.holdfast.scenario;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Which faults were injected when, and which answers each may cause. Safe for all threads. */
final class FaultLog {

    /** Of a fault that all nodes meet. */
    static final int ALL_NODES = -1;

    private final List<Window> windows = new CopyOnWriteArrayList<>();

    /**
     * From the moment before a fault began to the moment at which all was seen to work again.
     */
    static final class Window {
        private final String fault;
        private final int node;
        private final Set<String> codes;
        private final long beginNanos;
        private volatile long endNanos = Long.MAX_VALUE;

        private Window(String fault, int node, Set<String> codes, long beginNanos) {
            this.fault = fault;
            this.node = node;
            this.codes = codes;
            this.beginNanos = beginNanos;
        }

        /** All works again. */
        void over() {
            endNanos = System.nanoTime();
        }

        private boolean explains(String code, int asked, long startNanos, long answeredNanos) {
            return (node == ALL_NODES || node == asked)
                    && codes.contains(code)
                    && startNanos - endNanos <= 0
                    && answeredNanos - beginNanos >= 0;
        }
    }

    /**
     * A fault is about to begin.
     *
     * @param node whose answers it may spoil, or {@link #ALL_NODES}
     * @param codes of problems that it may cause, and {@code unknown}
     */
    Window begin(String fault, int node, Set<String> codes) {
        Window window = new Window(fault, node, Set.copyOf(codes), System.nanoTime());
        windows.add(window);
        return window;
    }

    /** A fault that is known only after it. */
    void add(String fault, Set<String> codes, long beginNanos, long endNanos) {
        Window window = new Window(fault, ALL_NODES, Set.copyOf(codes), beginNanos);
        window.endNanos = endNanos;
        windows.add(window);
    }

    /** Whether the answer with this code, between these moments, has a cause. */
    boolean explains(String code, int node, long startNanos, long endNanos) {
        return windows.stream().anyMatch(window -> window.explains(code, node, startNanos, endNanos));
    }

    /** How often each fault was injected. */
    Map<String, Integer> counts() {
        Map<String, Integer> counts = new TreeMap<>();
        windows.forEach(window -> counts.merge(window.fault, 1, Integer::sum));
        return counts;
    }
}
