package dev.holdfast.admin.rebuild;

import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.DatabaseBook;
import dev.holdfast.ledger.DatabaseBook.UncomparedLane;
import dev.holdfast.ledger.LaneSettings;
import dev.holdfast.ledger.RebuildFinding;
import dev.holdfast.redis.LaneContents;
import dev.holdfast.redis.LaneFacts;
import dev.holdfast.redis.RedisLedgerStream;
import dev.holdfast.redis.ScriptCalls;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.StaleLane;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/**
 * A lane as an older PostgreSQL has it, compared with Redis once. What admins decided comes back from Redis. Where the ledger in Redis goes on
 * from the cursor, the recorder records it again; where it does not, the lane stops until it is rebuilt. Either is written down with its numbers.
 */
public final class OlderLane {

    private final Books books;
    private final DatabaseBook book;
    private final LaneContents contents;
    private final RedisLedgerStream stream;
    private final UncomparedLane older;

    /** Uses the connection of the calls. */
    public OlderLane(Books books, ScriptCalls calls, UncomparedLane older) {
        this.books = books;
        this.book = books.database();
        this.contents = new LaneContents(calls, older.lane());
        this.stream = new RedisLedgerStream(calls);
        this.older = older;
    }

    /** Fails as Redis and PostgreSQL do: then it is to be done again. */
    public Future<Void> compare(long life) {
        Lane lane = older.lane();
        return contents.facts()
                .compose(facts ->
                        settings(facts).compose(changed -> gap(facts).compose(gap -> tell(facts, gap, changed))))
                .compose(told -> book.compared(lane, life));
    }

    private Future<List<RebuildFinding>> settings(LaneFacts facts) {
        Optional<Sale> sale = facts.whole() ? SaleFields.sale(older.lane().saleId(), facts.sale()) : Optional.empty();
        return sale.isEmpty()
                ? Future.succeededFuture(List.of())
                : contents.stock(unreadable -> {})
                        .compose(stock -> books.conclusions().concludeSettings(new LaneSettings(sale.get(), stock)));
    }

    /** Whether Redis has entries after the cursor, but not the one that follows it. */
    private Future<Boolean> gap(LaneFacts facts) {
        if (facts.epoch() != older.lane().epoch() || facts.lastSeq() <= older.recordedSeq()) {
            return Future.succeededFuture(false);
        }
        return stream.read(older.lane(), older.recordedSeq(), 1)
                .map(entries -> entries.isEmpty() || isNotNext(entries.getFirst()))
                .recover(failure ->
                        failure instanceof StaleLane ? Future.succeededFuture(true) : Future.failedFuture(failure));
    }

    private boolean isNotNext(LedgerEntry entry) {
        return entry.seq() != older.recordedSeq() + 1;
    }

    private Future<Void> tell(LaneFacts facts, boolean gap, List<RebuildFinding> changed) {
        Lane lane = older.lane();
        String numbers = "PostgreSQL has it recorded to " + lane.epoch() + "-" + older.recordedSeq() + "; Redis is at "
                + facts.epoch() + "-" + facts.lastSeq() + " and was told that " + facts.recordedSeq() + " was recorded"
                + settings(changed);
        boolean later = facts.epoch() > lane.epoch();
        if (older.open() && (gap || later)) {
            return book.stop(
                            lane,
                            numbers + ". " + (later ? "A rebuild" : "Part of the ledger")
                                    + " is lost in PostgreSQL: rebuild the lane with \"from\":\"redis\", which brings PostgreSQL up")
                    .compose(stopped -> books.sales().refresh(lane.saleId()))
                    .mapEmpty();
        }
        boolean again = facts.epoch() == lane.epoch() && facts.recordedSeq() > older.recordedSeq();
        return again || !changed.isEmpty()
                ? book.tell(lane, numbers + (again ? ". What is missing is recorded again from Redis" : ""))
                : Future.succeededFuture();
    }

    private static String settings(List<RebuildFinding> changed) {
        if (changed.isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder("; concluded from Redis:");
        changed.forEach(finding -> text.append(' ')
                .append(finding.sku() == null ? "the sale" : finding.sku())
                .append(' ')
                .append(finding.detail())
                .append(';'));
        return text.toString();
    }
}
