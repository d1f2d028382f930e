package dev.holdfast.comparison.check;

import dev.holdfast.comparison.check.Buyers.Answer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A small sale to the last unit, with more buyers than units and every request sent three times: it shows what the load, which
 * never repeats itself, cannot.
 */
public final class Proof {

    /** Units of the sale that the proof expects: fewer than buyers. */
    public static final int CAPACITY = 300;

    private static final int BUYERS = 400;

    private Proof() {}

    /**
     * Buys all of SKU-0000, confirms every other reservation, and compares with the books.
     *
     * @param saleId of a sale that nobody touched, with SKU-0000 in this capacity
     * @param books of that sale, read when called
     */
    public static Verdict of(int port, String bearer, String saleId, Supplier<Books> books) {
        try (Buyers buyers = new Buyers(port, bearer, saleId)) {
            List<Answer> answers = buyers.hold(BUYERS);
            Map<Integer, Set<String>> idsByBuyer = answers.stream()
                    .filter(answer -> answer.status() == 201 || answer.status() == 200)
                    .collect(Collectors.groupingBy(
                            Answer::buyer, Collectors.mapping(Answer::reservationId, Collectors.toSet())));
            List<String> ids =
                    idsByBuyer.values().stream().flatMap(Set::stream).sorted().toList();
            List<String> toConfirm = everyOther(ids);
            List<Answer> confirmations = buyers.confirm(toConfirm);
            return verdict(answers, idsByBuyer, confirmations, books.get());
        }
    }

    private static Verdict verdict(
            List<Answer> answers, Map<Integer, Set<String>> idsByBuyer, List<Answer> confirmations, Books books) {
        long twice =
                idsByBuyer.values().stream().mapToLong(ids -> ids.size() - 1).sum();
        long created = answers.stream().filter(answer -> answer.status() == 201).count();
        long unconfirmed =
                confirmations.stream().filter(answer -> answer.status() != 200).count();
        // More buyers asked than there are units, so each one that nobody has is idle.
        long idle = CAPACITY - Math.min(CAPACITY, books.taken());
        Verdict seen = Verdict.of(books, idsByBuyer.size(), 0);
        return seen.plus(new Verdict(0, idle, 0, unconfirmed, twice + Math.max(0, created - idsByBuyer.size())));
    }

    private static List<String> everyOther(List<String> ids) {
        return IntStream.range(0, ids.size())
                .filter(i -> i % 2 == 0)
                .mapToObj(ids::get)
                .toList();
    }
}
