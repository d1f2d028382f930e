package dev.holdfast.scenario;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A history made by hand: one sale, one SKU {@code A} of two units, hold time 5 s, at most 10 s, two units a customer. */
final class Story {

    static final String ID = "reservation-of-22-chars";

    /** How long a hold that was put back waits for its receipt. */
    static final long RECLAIM_MS = 2000;

    /** The lane begins with 1; a rebuild takes two more. */
    private static final long CONCLUDING = 2;

    private static final long REBUILT = 3;

    private final TreeMap<Long, String> ledger = new TreeMap<>();
    private final List<Operation> operations = new ArrayList<>();
    private final Map<String, String> stock = new HashMap<>();
    private final Map<String, String> buyers = new HashMap<>();
    private final Map<String, String> holds = new HashMap<>();
    private final Map<String, Double> due = new HashMap<>();
    private final List<Observation> observed = new ArrayList<>();
    private final List<WatchedStock> watched = new ArrayList<>();
    private final List<ToldAdjustments.Applied> adjusted = new ArrayList<>();
    private final TreeMap<Long, Long> epochsByFirstPlace = new TreeMap<>(Map.of(1L, 1L));
    private final List<LostBooks.Filed> filed = new ArrayList<>();
    private final List<LostBooks.Finding> findings = new ArrayList<>();
    private final List<LostBooks.Loss> incidents = new ArrayList<>();
    private final List<Recovery.Rebuilt> rebuilds = new ArrayList<>();
    private final List<Long> losses = new ArrayList<>();

    Story() {
        ledger.put(0L, "epoch");
        then("sale 500 1 open 0 0 5000 10000 2 0");
        then("stock 600 A 2 1");
    }

    /** The next entry. */
    @CanIgnoreReturnValue
    Story then(String entry) {
        ledger.put(ledger.lastKey() + 1, entry);
        return this;
    }

    /** The entry that should come next is lost. */
    Story gap() {
        ledger.put(ledger.lastKey() + 2, "stock 600 B 2 1");
        return this;
    }

    /** A request and its answer, between two moments of the clients' clock. */
    Story said(Ask ask, Answer answer, long start, long end) {
        operations.add(new Operation(0, 0, ask, answer, start, end));
        return this;
    }

    /** What somebody else was told. */
    Story seen(Observation observation) {
        observed.add(observation);
        return this;
    }

    /** What a stream of stock showed of A: available and held of each frame, which came at 100, 200 and so on. */
    Story watched(boolean whole, int[]... frames) {
        List<WatchedStock.Frame> all = new ArrayList<>();
        for (int[] frame : frames) {
            all.add(new WatchedStock.Frame(Map.of("A", counts(frame[0], frame[1])), 100L * (all.size() + 1)));
        }
        watched.add(new WatchedStock(0, all, whole));
        return this;
    }

    /** An admin was told that an adjustment is in force. */
    Story adjusted(String id, long version, long start, long end) {
        adjusted.add(new ToldAdjustments.Applied(id, version, 0, start, end));
        return this;
    }

    /** Of the two units of A. */
    static Counts counts(long available, long held) {
        return new Counts(2, available, held, 2 - available - held);
    }

    /** From this moment on Redis has another past. */
    Story lostAt(long nanos) {
        losses.add(nanos);
        return this;
    }

    /** A node had told of a unit of this reservation, and filed it when the lane stopped. */
    Story filed(String id, boolean isLost, boolean inTime) {
        return filed(id, "held", isLost, inTime);
    }

    /** The same, told to be in that state. */
    Story filed(String id, String state, boolean isLost, boolean inTime) {
        filed.add(new LostBooks.Filed(1, id, state, 1, isLost, inTime));
        return this;
    }

    /** So much the incident says was lost. */
    Story toldAsLost(long reservations, long units) {
        incidents.add(new LostBooks.Loss(1, reservations, units));
        return this;
    }

    /** A rebuild begins with these entries, in a life that is theirs alone. */
    Story concluded(String... entries) {
        epochsByFirstPlace.put(ledger.lastKey() + 1, CONCLUDING);
        for (String entry : entries) {
            then(entry);
        }
        return this;
    }

    /** A rebuild lists this. */
    Story found(String kind, String id) {
        findings.add(new LostBooks.Finding(REBUILT, kind, id));
        return this;
    }

    /** It ends between these two moments of the clients' clock: from here on the lane has its new life. */
    Story rebuilt(long atMs, boolean discards, long start, long end) {
        epochsByFirstPlace.put(ledger.lastKey() + 1, REBUILT);
        rebuilds.add(new Recovery.Rebuilt(REBUILT, discards, start, end));
        return then("rebuilt " + atMs + " 1").then("sale " + atMs + " 1 open 0 0 5000 10000 2 0");
    }

    /** What Redis's stock hash says at the end. */
    Story shelves(int available, int held, int sold) {
        stock.putAll(Map.of(
                "A|capacity", "2",
                "A|available", Integer.toString(available),
                "A|held", Integer.toString(held),
                "A|sold", Integer.toString(sold)));
        return this;
    }

    /** What Redis's buyers hash says of customer c at the end. */
    Story bought(int units) {
        buyers.putAll(Map.of("c", Integer.toString(units), "c|A", Integer.toString(units)));
        return this;
    }

    /** What Redis's holds and due keys say at the end. */
    Story kept(String id, String packed, long dueMs) {
        holds.put(id, packed);
        due.put(id, (double) dueMs);
        return this;
    }

    /** The rules that the checker finds broken. */
    Violations check() {
        return HistoryChecker.check(evidence(null));
    }

    /** The same with PostgreSQL's side, whose ledger is the stream's. */
    Violations check(long recordedSeq, Counts stockOfA, BooksState.Row row) {
        BooksState books = new BooksState(
                new Epochs(),
                new TreeMap<>(ledger.tailMap(1L)),
                recordedSeq,
                Map.of("A", stockOfA),
                Map.of(ID, row),
                LostBooks.NONE);
        return HistoryChecker.check(evidence(books));
    }

    /** The same with a ledger in PostgreSQL that differs from the stream. */
    Violations checkWith(Consumer<Map<Long, String>> difference) {
        TreeMap<Long, String> recorded = new TreeMap<>(ledger.tailMap(1L));
        difference.accept(recorded);
        BooksState books = new BooksState(new Epochs(), recorded, ledger.lastKey(), Map.of(), Map.of(), LostBooks.NONE);
        return HistoryChecker.check(evidence(books));
    }

    /** The same with books that are the sum of the ledger. */
    Violations checkAfterLoss() {
        LedgerReplay replay = new LedgerReplay(Map.of(), new Violations());
        Epochs epochs = new Epochs();
        ledger.tailMap(1L).forEach((place, text) -> {
            replay.add(LedgerLine.parse(place, text));
            Map.Entry<Long, Long> life = epochsByFirstPlace.floorEntry(place);
            var unused = epochs.next(life.getValue(), place - life.getKey() + 1);
        });
        Map<String, BooksState.Row> rows = new HashMap<>();
        for (String id : replay.reservationIds()) {
            LedgerLine.Change last = replay.reservation(id).getLast();
            rows.put(
                    id,
                    new BooksState.Row(
                            last.state(),
                            last.customer(),
                            last.lines(),
                            last.heldAtMs(),
                            last.expiresAtMs(),
                            last.endedAtMs()));
        }
        Evidence evidence = evidence(new BooksState(
                epochs,
                new TreeMap<>(ledger.tailMap(1L)),
                ledger.lastKey(),
                replay.counts(),
                rows,
                new LostBooks(filed, findings, incidents, RECLAIM_MS)));
        for (long lost : losses) {
            evidence = evidence.afterLossAt(lost);
        }
        return HistoryChecker.check(evidence);
    }

    /** All of it, without PostgreSQL's side. */
    Evidence evidence() {
        return evidence(null);
    }

    private Evidence evidence(@Nullable BooksState books) {
        return new Evidence(
                Map.of(),
                ledger,
                new LaneState(stock, buyers, holds, due),
                books,
                operations,
                new ToldAdjustments(adjusted, 0),
                new Observations(observed, watched),
                new Recovery(List.of(), rebuilds));
    }

    static Ask.Hold hold(String key, int quantity) {
        return new Ask.Hold("c", key, Lines.of("A", quantity), null);
    }

    static Answer.Done done(String state, int quantity, long expiresAtMs) {
        return done(ID, state, quantity, expiresAtMs);
    }

    static Answer.Done done(String id, String state, int quantity, long expiresAtMs) {
        long left = state.equals("held") ? 1 : 0;
        return new Answer.Done(
                new Answer.Shown(id, "c", state, Lines.of("A", quantity), 1000, expiresAtMs, left), false);
    }

    static Answer.Refused outOfStock(int requested, int available, int held) {
        var shortage = new Answer.Shortage("A", requested, available, held, available == 0 && held == 0);
        return new Answer.Refused("out-of-stock", new Answer.Detail(List.of(shortage), 0, 0, null));
    }
}
