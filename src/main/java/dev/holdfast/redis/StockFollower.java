package dev.holdfast.redis;

import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.StockCounts;
import dev.holdfast.reservation.Unavailable;
import dev.holdfast.reservation.Unavailable.Reason;
import io.vertx.core.Future;
import java.util.List;

/**
 * Knows the counts of one lane: it has Redis count all SKUs, step by step, and then adds what the ledger tells. So a look costs by what
 * has changed. To be used on one event loop, one look at a time.
 */
final class StockFollower {

    /** The ledger may have been trimmed between a count and a look at what came after it. */
    private static final int TRIES = 3;

    /** To count a SKU costs Redis and us as much as to read so many entries. */
    private static final int ENTRIES_FOR_A_SKU = 5;

    private static final int FEWEST_ENTRIES = 50;
    private static final int MOST_ENTRIES = 1_000;

    /** One read of the ledger should have about as much. */
    private static final int CHARACTERS_A_READ = 65_536;

    private final ScriptCalls calls;
    private final LedgerStream stream;
    private final Pacer pacer;
    private final Lane lane;
    private LaneStock stock = new LaneStock();

    /** All counts are as they were after this entry; -1 while there are none. */
    private long seq = -1;

    /** One step counts all SKUs: that is cheaper than to follow them. */
    private boolean isSmall = true;

    private int entriesARead = FEWEST_ENTRIES;

    StockFollower(ScriptCalls calls, LedgerStream stream, Pacer pacer, Lane lane) {
        this.calls = calls;
        this.stream = stream;
        this.pacer = pacer;
        this.lane = lane;
    }

    /** Of memory, about. */
    long bytes() {
        return stock.bytes();
    }

    int size() {
        return stock.size();
    }

    /** The counts as they are now, with what is due taken back. Fails as {@link ScriptCalls#call} does. */
    Future<StockCounts> look() {
        return (isSmall ? count(TRIES) : follow()).map(done -> stock.counts());
    }

    private Future<Void> follow() {
        return sweep().compose(now -> {
            if (now - seq > (long) ENTRIES_FOR_A_SKU * stock.size()) {
                return count(TRIES);
            }
            return read(stock, seq, now).compose(followed -> followed ? at(stock, now) : count(TRIES));
        });
    }

    private Future<Void> at(LaneStock counted, long now) {
        stock = counted;
        seq = now;
        return Future.succeededFuture();
    }

    /**
     * Takes back all that is due, however many calls it needs: each takes back some, and the node's own sweep does the same meanwhile. Answers
     * the ledger's last entry after it.
     */
    private Future<Long> sweep() {
        long[] end = {0};
        return AsyncLoop.whileTrue(() -> call("0", "").map(reply -> {
                    end[0] = reply.seq();
                    return reply.isMoreDue();
                }))
                .map(done -> end[0]);
    }

    /** Every step is at another place of the ledger: what came since the step before is added to what that one has counted. */
    private Future<Void> count(int triesLeft) {
        Steps steps = new Steps();
        return AsyncLoop.whileTrue(() -> call(steps.cursor).compose(reply -> steps.take(reply)))
                .compose(done -> {
                    if (steps.isCutOff) {
                        return countAgain(triesLeft - 1);
                    }
                    isSmall = steps.many == 1;
                    // Where nothing was done, whoever has shown the counts need not show them again.
                    return isSmall && steps.seq == seq ? Future.succeededFuture() : at(steps.counted, steps.seq);
                });
    }

    private Future<Void> countAgain(int triesLeft) {
        return triesLeft > 0
                ? count(triesLeft)
                : Future.failedFuture(new Unavailable(
                        Reason.OVERLOADED,
                        "the ledger of lane " + lane + " is trimmed faster than it can be read",
                        null));
    }

    /** Adds the entries between these two, the second included; false where they are not all there or cannot be added. */
    private Future<Boolean> read(LaneStock counted, long after, long to) {
        long[] at = {after};
        boolean[] followed = {true};
        return AsyncLoop.whileTrue(() -> {
                    if (at[0] >= to || !followed[0]) {
                        return Future.succeededFuture(false);
                    }
                    int most = (int) Math.min(entriesARead, to - at[0]);
                    return pacer.call(() -> stream.read(lane, at[0], most)).map(entries -> {
                        followed[0] = add(counted, at[0], entries);
                        at[0] += entries.size();
                        return true;
                    });
                })
                .map(done -> followed[0]);
    }

    private boolean add(LaneStock counted, long after, List<LedgerEntry> entries) {
        long expected = after;
        long characters = 0;
        for (LedgerEntry entry : entries) {
            expected++;
            characters += entry.text().length();
            if (entry.seq() != expected || !counted.apply(entry)) {
                return false;
            }
        }
        if (characters > CHARACTERS_A_READ) {
            entriesARead = Math.max(FEWEST_ENTRIES, entriesARead / 2);
        } else if (characters < CHARACTERS_A_READ / 2) {
            entriesARead = Math.min(MOST_ENTRIES, entriesARead * 2);
        }
        return !entries.isEmpty();
    }

    private Future<StockReply> call(String... arguments) {
        return pacer.call(() -> calls.call(Script.STOCK, lane, arguments)).map(StockReply::read);
    }

    /** The steps of one count. */
    private final class Steps {

        private final LaneStock counted = new LaneStock();
        private String cursor = "0";
        private long seq = -1;
        private int many;

        /** What the ledger told between two steps was not there any more. */
        private boolean isCutOff;

        /** Whether another step is to be made. One that left something due is made again, and tells the same SKUs. */
        Future<Boolean> take(StockReply reply) {
            if (reply.isMoreDue()) {
                return Future.succeededFuture(true);
            }
            Future<Boolean> followed = many == 0 ? Future.succeededFuture(true) : read(counted, seq, reply.seq());
            return followed.map(isWhole -> {
                reply.counts().forEach(count -> counted.put(count, reply.seq()));
                seq = reply.seq();
                cursor = reply.cursor();
                many++;
                isCutOff = !isWhole;
                return isWhole && !cursor.equals("0");
            });
        }
    }
}
