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
 */
record Evidence(
        Map<String, Integer> skuLimits,
        NavigableMap<Long, String> stream,
        LaneState lane,
        @Nullable BooksState books,
        List<Operation> operations,
        ToldAdjustments adjustments,
        Observations observations) {

    /**
     * The same where Redis had another past from that moment on: what was asked before it may have come to nothing, unless PostgreSQL was
     * said to have it.
     */
    Evidence afterLossAt(long nanos) {
        List<Operation> forgiven = operations.stream()
                .map(operation -> operation.startNanos() - nanos < 0 && !operation.isToldAsRecorded()
                        ? operation.answered(new Answer.Unknown(Answer.ON_PURPOSE + ": before the loss"))
                        : operation)
                .toList();
        List<Observation> kept = observations.single().stream()
                .filter(each -> each instanceof Observation.CursorRead || each.startNanos() - nanos >= 0)
                .toList();
        return new Evidence(skuLimits, stream, lane, books, forgiven, adjustments, new Observations(kept, List.of()));
    }

    /** Of a sale that nobody but its buyers and admins looked at. */
    Evidence(
            Map<String, Integer> skuLimits,
            NavigableMap<Long, String> stream,
            LaneState lane,
            @Nullable BooksState books,
            List<Operation> operations,
            ToldAdjustments adjustments) {
        this(skuLimits, stream, lane, books, operations, adjustments, Observations.NONE);
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
