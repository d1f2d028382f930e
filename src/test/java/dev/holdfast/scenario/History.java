package dev.holdfast.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Every operation of every client, with when and what came of it. Safe for all threads. */
final class History {

    private final ConcurrentLinkedQueue<Operation> operations = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();

    /** How many operations there were so far. */
    int size() {
        return size.get();
    }

    /** Asks and writes down what came of it. */
    Answer log(int client, int node, Ask ask, Supplier<Answer> call) {
        long start = System.nanoTime();
        Answer answer = call.get();
        operations.add(new Operation(client, node, ask, answer, start, System.nanoTime()));
        var unused = size.incrementAndGet();
        return answer;
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
        };
    }
}
