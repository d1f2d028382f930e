package dev.holdfast.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * Makes one call of what several clients ask while another call is under way, as the service does. The first of them asks twice,
 * as a double click does, and hears the first answer only.
 */
final class Combining {

    private static final int MOST = 49;

    private final Function<List<String>, List<Object>> script;
    private final ConcurrentLinkedQueue<Asker> askers = new ConcurrentLinkedQueue<>();
    private final ReentrantLock turn = new ReentrantLock();

    private record Asker(List<String> arguments, CompletableFuture<List<String>> answer) {}

    /** The script takes the arguments of all and answers DECIDED and then each. */
    Combining(Function<List<String>, List<Object>> script) {
        this.script = script;
    }

    List<String> ask(List<String> arguments) {
        Asker mine = new Asker(arguments, new CompletableFuture<>());
        askers.add(mine);
        turn.lock();
        try {
            while (!mine.answer.isDone()) {
                callForThoseWhoWait();
            }
        } finally {
            turn.unlock();
        }
        return mine.answer.join();
    }

    private void callForThoseWhoWait() {
        List<Asker> these = new ArrayList<>();
        List<String> all = new ArrayList<>();
        for (Asker asker = askers.poll(); asker != null; asker = these.size() < MOST ? askers.poll() : null) {
            these.add(asker);
            all.addAll(asker.arguments);
        }
        all.addAll(these.getFirst().arguments);
        List<Object> reply = script.apply(all);
        if (!reply.getFirst().equals("DECIDED") || reply.size() != these.size() + 2) {
            throw new IllegalStateException(these.size() + " asked and got " + reply);
        }
        for (int i = 0; i < these.size(); i++) {
            these.get(i).answer.complete(texts((List<?>) reply.get(i + 1)));
        }
    }

    private static List<String> texts(List<?> parts) {
        return parts.stream().map(String.class::cast).toList();
    }
}
