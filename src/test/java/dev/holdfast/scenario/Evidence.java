package dev.holdfast.scenario;

import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of one lane when a storm is over.
 *
 * @param skuLimits units of a SKU for each customer, where it has a limit of its own
 * @param stream text by seq of the entries that Redis still has; all of them where there are no books
 * @param books null where the storm ran without PostgreSQL
 * @param operations of this lane's sale only
 * @param adjustments what its admins were told of their adjustments
 * @param observations what else was told of the sale
 * @param recovery what was lost, and what was done about it
 */
record Evidence(
        Map<String, Integer> skuLimits,
        NavigableMap<Long, String> stream,
        LaneState lane,
        @Nullable BooksState books,
        List<Operation> operations,
        ToldAdjustments adjustments,
        Observations observations,
        Recovery recovery) {

    /**
     * The same where Redis had another past from that moment on: what was answered before it is lost, unless PostgreSQL was said to have
     * it. What was refused before it may be told of what is lost.
     */
    Evidence afterLossAt(long nanos) {
        List<Operation> forgiven = operations.stream()
                .map(operation ->
                        operation.startNanos() - nanos < 0 ? operation.answered(afterLoss(operation)) : operation)
                .toList();
        List<Observation> kept = observations.single().stream()
                .filter(each -> each instanceof Observation.CursorRead || each.startNanos() - nanos >= 0)
                .toList();
        return new Evidence(
                skuLimits,
                stream,
                lane,
                books,
                forgiven,
                adjustments,
                new Observations(kept, List.of()),
                recovery.andLossAt(nanos));
    }

    private static Answer afterLoss(Operation operation) {
        return switch (operation.answer()) {
            case Answer.Done done -> operation.isToldAsRecorded() ? done : new Answer.Lost(done);
            case Answer.Refused refused -> new Answer.Unknown(Answer.ON_PURPOSE + ": before the loss");
            case Answer.Lost lost -> lost;
            case Answer.Unknown unknown -> unknown;
        };
    }

    /** Of a sale that nobody but its buyers and admins looked at. */
    Evidence(
            Map<String, Integer> skuLimits,
            NavigableMap<Long, String> stream,
            LaneState lane,
            @Nullable BooksState books,
            List<Operation> operations,
            ToldAdjustments adjustments) {
        this(skuLimits, stream, lane, books, operations, adjustments, Observations.NONE, Recovery.NONE);
    }

    /** Of a sale that no admin adjusted. */
    Evidence(
            Map<String, Integer> skuLimits,
            NavigableMap<Long, String> stream,
            LaneState lane,
            @Nullable BooksState books,
            List<Operation> operations) {
        this(skuLimits, stream, lane, books, operations, ToldAdjustments.NONE);
    }
}
