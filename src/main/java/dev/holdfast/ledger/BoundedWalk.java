package dev.holdfast.ledger;

import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A search that reads rows in the order of an index and looks at so many at most, whatever it is to find: where that is not enough
 * it tells how far it came.
 */
final class BoundedWalk {

    /** Some 20 ms of PostgreSQL. */
    static final int MOST_ROWS = 10_000;

    private BoundedWalk() {}

    /**
     * A statement whose rows are those that were found, each with edge = false; and, where fewer were found than asked for and
     * there are more to look at, the last row that was looked at, with edge = true.
     *
     * @param walk selects from where the walk is to begin to where it is to end
     * @param order of an index that has all of the walk
     * @param wanted what rows of the walk have to be
     * @param most the parameter that says how many to find
     */
    static String sql(String walk, String order, String wanted, String most) {
        return """
                with found as materialized (
                    select * from (%1$s order by %2$s limit %5$d) walked where %3$s order by %2$s limit %4$s
                )
                select false as edge, f.* from found f
                union all
                select true as edge, e.*
                from (%1$s order by %2$s offset %5$d - 1 limit 1) e
                where (select count(*) from found) < %4$s
                order by edge, %2$s
                """.formatted(walk.strip(), order, wanted.strip(), most, MOST_ROWS);
    }

    /** Of rows of such a statement that was asked for one more than {@code limit}. */
    static <T, P> Found<T, P> found(RowSet<Row> rows, int limit, Function<Row, T> item, Function<T, P> placeOf) {
        List<T> items = new ArrayList<>();
        T edge = null;
        for (Row row : rows) {
            if (row.getBoolean("edge")) {
                edge = item.apply(row);
            } else {
                items.add(item.apply(row));
            }
        }
        if (items.size() > limit) {
            List<T> shown = List.copyOf(items.subList(0, limit));
            return new Found<>(shown, placeOf.apply(shown.getLast()));
        }
        return new Found<>(List.copyOf(items), edge == null ? null : placeOf.apply(edge));
    }
}
