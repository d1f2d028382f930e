package dev.holdfast.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Every operation of every client, with when and what came of it. Safe for all threads. */
final class History {

    private static final long UNSERVED = Long.MIN_VALUE;

    private final ConcurrentLinkedQueue<Operation> operations = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();

    /** By client and node, when the last operation began whose answer was one of a service that works; negative where it was not. */
    private final Map<String, Long> lastServed = new ConcurrentHashMap<>();

    /** How many operations there were so far. */
    int size() {
        return size.get();
    }

    /** Asks and writes down what came of it. */
    Answer log(int client, int node, Ask ask, Supplier<Answer> call) {
        long start = System.nanoTime();
        Answer answer = call.get();
        operations.add(new Operation(client, node, ask, answer, start, System.nanoTime()));
        if (!(answer instanceof Answer.Unknown unknown && unknown.isOfTheClient())) {
            lastServed.put(client + " at " + node, LivenessCheck.UNAVAILABLE.contains(word(answer)) ? UNSERVED : start);
        }
        var unused = size.incrementAndGet();
        return answer;
    }

    /** Whether all so many pairs of client and node had an answer of a service that works as their last one, asked for since then. */
    boolean allServedSince(long nanos, int pairs) {
        List<Long> last = new ArrayList<>(lastServed.values());
        return last.size() == pairs && last.stream().allMatch(start -> start != UNSERVED && start - nanos > 0);
    }

    List<Operation> operations() {
        return new ArrayList<>(operations);
    }

    /** How often each verb ended how, for people. */
    static Map<String, Integer> summary(Iterable<Operation> operations) {
        Map<String, Integer> summary = new TreeMap<>();
        for (Operation operation : operations) {
            String verb = operation.ask().getClass().getSimpleName().toLowerCase(Locale.ROOT);
            summary.merge(verb + ' ' + word(operation.answer()), 1, Integer::sum);
        }
        return summary;
    }

    /** How many operations ended with this refusal or, for {@code done} and {@code unknown}, in this way. */
    long count(String word) {
        return operations.stream()
                .filter(operation -> word(operation.answer()).equals(word))
                .count();
    }

    private static String word(Answer answer) {
        return switch (answer) {
            case Answer.Done done -> done.replayed() ? "replayed" : "done";
            case Answer.Refused refused -> refused.code();
            case Answer.Unknown unknown -> "unknown";
            case Answer.Lost lost -> "done before a loss";
        };
    }
}
