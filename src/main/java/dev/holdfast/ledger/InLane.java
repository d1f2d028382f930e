package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Something of one lane, among things of many lanes that are written together. */
record InLane<T>(Lane lane, T row) {

    /** All rows of all lanes, lane by lane. */
    static <S, T> List<InLane<T>> all(Map<Lane, S> byLane, Function<S, List<T>> rows) {
        List<InLane<T>> all = new ArrayList<>();
        byLane.forEach((lane, of) -> rows.apply(of).forEach(row -> all.add(new InLane<>(lane, row))));
        return all;
    }

    /** For the columns of a lane's key. */
    static <T> @Nullable String[] saleIds(List<InLane<T>> rows) {
        return Columns.texts(rows, row -> row.lane.saleId().value());
    }

    static <T> Integer[] numbers(List<InLane<T>> rows) {
        return Columns.integers(rows, row -> row.lane.number());
    }

    static <T> @Nullable Long[] epochs(List<InLane<T>> rows) {
        return Columns.numbers(rows, row -> row.lane.epoch());
    }
}
