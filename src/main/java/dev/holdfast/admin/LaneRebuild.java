package dev.holdfast.admin;

import dev.holdfast.admin.inspection.RowsByLedger;
import dev.holdfast.admin.rebuild.BookCounts;
import dev.holdfast.admin.rebuild.ConcludedEntries;
import dev.holdfast.admin.rebuild.Conclusions;
import dev.holdfast.admin.rebuild.HeldUnits;
import dev.holdfast.admin.rebuild.LaneComparison;
import dev.holdfast.admin.rebuild.Losses;
import dev.holdfast.admin.rebuild.PutBack;
import dev.holdfast.admin.rebuild.RebuildOrder;
import dev.holdfast.admin.rebuild.RepeatedHolds;
import dev.holdfast.admin.rebuild.SaleFields;
import dev.holdfast.admin.rebuild.SurplusCapacity;
import dev.holdfast.admin.rebuild.WouldLose;
import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.LaneSettings;
import dev.holdfast.ledger.LaneSnapshot;
import dev.holdfast.ledger.Overtaken;
import dev.holdfast.ledger.Rebuild;
import dev.holdfast.ledger.RebuildBook;
import dev.holdfast.ledger.RebuildBook.Memory;
import dev.holdfast.ledger.RebuildReport;
import dev.holdfast.ledger.RebuildSource;
import dev.holdfast.ledger.RecordedLife;
import dev.holdfast.ledger.Salvaged;
import dev.holdfast.redis.LaneContents;
import dev.holdfast.redis.LaneFacts;
import dev.holdfast.redis.LaneRestore;
import dev.holdfast.redis.LaneSetup;
import dev.holdfast.redis.ScriptCalls;
import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.ListedSale.LaneState;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.RestoredReservation;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockedSku;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a sale's lane anew, under a new epoch. What either side knows and the other does not is found before anything is written over: from
 * PostgreSQL it is done only where Redis knows no more, or where it was said that it may be lost; from Redis the books are brought up first.
 * Until all that is needed to sell is there and compared, nothing is sold; ended reservations follow after that. One that ends in the middle
 * leaves the lane closed, and the next begins from the start. To be used on the event loop of its connection.
 */
public final class LaneRebuild {

    private static final Logger LOG = LoggerFactory.getLogger(LaneRebuild.class);

    /** The mark and the policy, with which a rebuilt lane's ledger begins: unseal.lua. */
    private static final int FIRST_ENTRIES = 2;

    /** How long somebody waits to hear whether it can be done; a lane that was away for long has much to record first. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Nodes show every second that they live. */
    private static final long UNSURE_MS = 250;

    /** Several times within the lease that PostgreSQL gives. */
    private static final Duration RENEWAL = Duration.ofSeconds(2);

    /** Reservations that an incident names where it cannot name all. */
    private static final int MOST_NAMED = 100;

    private final Vertx vertx;
    private final Books books;
    private final RebuildBook book;
    private final SaleLock lock;
    private final ScriptCalls calls;
    private final LedgerStream stream;
    private final Duration retention;
    private final EndedRestore ended;
    private final RowsByLedger rows;

    /**
     * What it works with in Redis.
     *
     * @param stream on the connection of the calls
     * @param retention how long Redis keeps what has ended
     * @param ended restores what has ended when the lane sells; on the same connection
     * @param rows mends reservations in PostgreSQL
     */
    public record Tools(
            ScriptCalls calls, LedgerStream stream, Duration retention, EndedRestore ended, RowsByLedger rows) {}

    /** Any number of these may work at once. */
    public LaneRebuild(Vertx vertx, Books books, SaleLock lock, Tools tools) {
        this.vertx = vertx;
        this.books = books;
        this.book = books.rebuilds();
        this.lock = lock;
        this.calls = tools.calls();
        this.stream = tools.stream();
        this.retention = tools.retention();
        this.ended = tools.ended();
        this.rows = tools.rows();
    }

    /**
     * Stops the sale's lane, whatever state it is in, and answers as soon as it is known whether the rebuild can be done, or after some
     * seconds; the rest goes on by itself. Fails with {@link dev.holdfast.reservation.Unavailable} where it could not be stopped: then
     * nothing was done.
     */
    public Future<RebuildOutcome> rebuild(SaleId saleId, RebuildOrder order, AdminAction action) {
        Promise<RebuildOutcome> answer = Promise.promise();
        known(saleId, order)
                .compose(listed -> listed.isPresent() && listed.get().laneState() == LaneState.RETIRED
                        ? Future.succeededFuture(new RebuildOutcome.SaleIsClosed())
                        : lock.within(saleId, action, fenced -> rebuild(saleId, order, fenced, answer)))
                .onComplete(done -> {
                    // What fails after the answer has been told already.
                    if (done.failed()) {
                        answer.tryFail(done.cause());
                    } else {
                        answer.tryComplete(done.result());
                    }
                });
        return answer.future();
    }

    /** How the sale's last rebuild went, or goes; empty where there was none. */
    public Future<Optional<RebuildReport>> latest(SaleId saleId) {
        return book.latest(saleId);
    }

    /** At most so many findings of the sale's last rebuild, after the one with this number; 0 for the first. */
    public Future<List<RebuildBook.RecordedFinding>> findings(SaleId saleId, long after, int limit) {
        return book.findings(saleId, after, limit);
    }

    /** A sale that only Redis knows becomes known, where its word is to count. */
    private Future<Optional<ListedSale>> known(SaleId saleId, RebuildOrder order) {
        return books.sales().find(saleId).compose(listed -> {
            if (listed.isPresent() || order.source() != RebuildSource.REDIS) {
                return Future.succeededFuture(listed);
            }
            return contents(saleId).facts().compose(facts -> {
                Optional<Sale> sale = facts.whole() ? SaleFields.sale(saleId, facts.sale()) : Optional.empty();
                return sale.isEmpty()
                        ? Future.succeededFuture(listed)
                        : books.conclusions()
                                .addSale(new LaneSettings(sale.get(), List.of()))
                                .compose(added -> books.sales().refresh(saleId));
            });
        });
    }

    /**
     * Ends when the lane sells again: so long other admins wait, but not for a node that died. One that takes longer than its lease goes
     * on; a rebuild that is asked for then overtakes it.
     */
    private Future<RebuildOutcome> rebuild(
            SaleId saleId, RebuildOrder order, AdminAction action, Promise<RebuildOutcome> answer) {
        return seenEpoch(saleId)
                .compose(seen -> book.begin(saleId, order.source(), seen, action))
                .compose(begun -> begun.isEmpty()
                        ? Future.succeededFuture(new RebuildOutcome.NoSuchSale())
                        : new Run(begun.get(), order, action).answered(answer));
    }

    /** Without Redis the rebuild fails later, when it would seal the lane. */
    private Future<Long> seenEpoch(SaleId saleId) {
        return contents(saleId).facts().map(LaneFacts::highestEpoch).otherwise(0L);
    }

    private LaneContents contents(SaleId saleId) {
        return new LaneContents(calls, new Lane(saleId, 0, 0));
    }

    /** One rebuild from the moment in which PostgreSQL has stopped the lane. */
    private final class Run {

        private final Rebuild rebuild;
        private final RebuildOrder order;
        private final AdminAction action;
        private final LaneRestore restore;
        private final LaneContents contents;
        private final Promise<Void> decided = Promise.promise();
        private final ConcludedEntries entries;
        private final BookCounts counts;
        private boolean concluded;
        private boolean redisLost;
        private long rememberedFromMs;
        private long toldAt;
        private boolean sealed;

        Run(Rebuild rebuild, RebuildOrder order, AdminAction action) {
            this.rebuild = rebuild;
            this.order = order;
            this.action = action;
            restore = new LaneRestore(calls, rebuild.to());
            contents = new LaneContents(calls, rebuild.from());
            entries = new ConcludedEntries(books.conclusions(), rebuild);
            counts = new BookCounts(rebuild, books, rows, contents);
        }

        /** What fails is told in PostgreSQL; only what would be lost is an answer, too. */
        Future<RebuildOutcome> answered(Promise<RebuildOutcome> answer) {
            long renewal = vertx.setPeriodic(RENEWAL.toMillis(), tick -> book.renew(rebuild));
            Future<Long> whole = finish().onComplete(done -> vertx.cancelTimer(renewal));
            Future<Void> restored = whole.compose(sells -> ended.run(rebuild.to())
                    .onFailure(failure ->
                            LOG.info("lane {}: ended reservations wait: {}", rebuild.to(), failure.getMessage())));
            RebuildOutcome started = new RebuildOutcome.Started(rebuild.to(), whole, restored);
            long timer = vertx.setTimer(PATIENCE.toMillis(), late -> answer.tryComplete(started));
            decided.future().onSuccess(done -> answer.tryComplete(started));
            return whole.map(started)
                    .recover(failure -> {
                        if (failure instanceof WouldLose wouldLose) {
                            return Future.succeededFuture(new RebuildOutcome.Refused(wouldLose.losses()));
                        }
                        answer.tryComplete(started);
                        return Future.failedFuture(failure);
                    })
                    .onComplete(done -> vertx.cancelTimer(timer));
        }

        private Future<Long> finish() {
            return restore.seal()
                    .onSuccess(closed -> sealed = true)
                    .compose(closed -> contents.facts())
                    .compose(facts -> hasLess(facts).map(less -> {
                        redisLost = less;
                        return facts;
                    }))
                    .compose(facts -> looked().compose(looked -> recorded(facts))
                            .compose(salvaged -> broughtTogether(facts, salvaged)))
                    .onSuccess(together -> decided.tryComplete())
                    .compose(this::putBack)
                    .compose(putAside -> book.turn(rebuild, rebuild.to(), putAside))
                    .compose(turned -> summed())
                    .compose(summed -> book.read(rebuild, this::copy))
                    .compose(copied -> restore.open())
                    .compose(opened -> stream.read(rebuild.to(), 0, FIRST_ENTRIES))
                    .compose(entries -> book.check(rebuild, entries))
                    .compose(checked -> putUpLost())
                    .compose(put -> forgotten())
                    .compose(forgotten -> order.discard().allowed()
                            ? book.openDiscarding(rebuild, restore.restored(), rememberedFromMs, action)
                            : book.open(rebuild, restore.restored(), rememberedFromMs, forgotten))
                    .map(open -> restore.restored())
                    .onSuccess(reservations -> LOG.info(
                            "lane {} is rebuilt, with {} live reservations, and sells", rebuild.to(), reservations))
                    .recover(this::gaveUp);
        }

        /** Entries are recorded into counts that are right: wrong ones would have put them aside. */
        private Future<Void> looked() {
            tell("checking", 0, 0);
            return counts.look();
        }

        /** Nobody is told that the sale does not have a SKU because Redis lost it before it was recorded. */
        private Future<Void> putUpLost() {
            return book.lostSkus(rebuild)
                    .compose(lost -> new LaneSetup(calls).setStock(rebuild.to(), lost, Set.of()))
                    .mapEmpty();
        }

        /** Whether Redis has nothing of the lane, or less than was recorded of it or than callers were told of. */
        private Future<Boolean> hasLess(LaneFacts facts) {
            Lane from = rebuild.from();
            return facts.epoch() != from.epoch()
                    ? Future.succeededFuture(facts.epoch() == 0)
                    : books.lostAnswers()
                            .lastTold(from)
                            .map(told -> Math.max(
                                    Math.max(told, rebuild.recordedSeq()),
                                    calls.witnesses().known(from)))
                            .map(known -> facts.lastSeq() < known);
        }

        /**
         * Whether callers may have been told of what is lost and nobody knows: a node died, or PostgreSQL came back older, too. Waits some seconds
         * for nodes that were not seen just now.
         */
        private Future<Boolean> forgotten() {
            if (order.discard().allowed()) {
                return Future.succeededFuture(false);
            }
            Memory[] memory = {Memory.UNSURE};
            return AsyncLoop.whileTrue(() -> book.memory(rebuild, redisLost).compose(seen -> {
                        memory[0] = seen;
                        return seen == Memory.UNSURE
                                ? vertx.timer(UNSURE_MS, TimeUnit.MILLISECONDS).map(true)
                                : Future.succeededFuture(false);
                    }))
                    .map(done -> memory[0] == Memory.FORGOTTEN)
                    .onSuccess(forgotten -> {
                        if (forgotten) {
                            LOG.warn(
                                    "lane {}: nobody knows all that callers were told of and that is lost: units are offered to receipts first",
                                    rebuild.to());
                        }
                    });
        }

        private Future<Salvaged> recorded(LaneFacts facts) {
            tell("recording", 0, Math.max(0, facts.lastSeq() - rebuild.recordedSeq()));
            return book.salvage(rebuild, stream);
        }

        /** Answers how many entries were put aside. */
        private Future<Long> broughtTogether(LaneFacts facts, Salvaged salvaged) {
            return knowsNoMore(facts, salvaged).compose(same -> {
                if (same) {
                    return Future.succeededFuture(salvaged.putAside());
                }
                if (order.source() == RebuildSource.REDIS) {
                    concluded = true;
                    Conclusions.Ledgers ledgers = new Conclusions.Ledgers(
                            book, books.conclusions(), books.purchases(), books.lostAnswers(), entries);
                    return books.sales()
                            .refresh(rebuild.to().saleId())
                            .compose(listed -> word(facts, salvaged)
                                    .compose(counts::follow)
                                    .compose(done -> new Conclusions(
                                                    rebuild,
                                                    listed.orElseThrow().sale(),
                                                    facts,
                                                    contents,
                                                    stream,
                                                    ledgers)
                                            .run(salvaged)))
                            .map(0L);
                }
                return compared(facts, salvaged);
            });
        }

        /**
         * Redis is an ancestor of the books, or the same, where its ledger ends with an entry that the books have at that place and nothing
         * of it was put aside.
         */
        private Future<Boolean> knowsNoMore(LaneFacts facts, Salvaged salvaged) {
            if (!facts.present()) {
                return Future.succeededFuture(true);
            }
            String last = facts.lastEntry();
            Lane life = new Lane(rebuild.from().saleId(), rebuild.from().number(), facts.epoch());
            return last == null || salvaged.putAside() > 0 || !counts.addedUp()
                    ? Future.succeededFuture(false)
                    : book.hasAllUpTo(life, facts.lastSeq(), last);
        }

        /**
         * What callers were told of and neither side has is put back, and of several holds of one request one is left; then capacity goes that
         * is to go and is free. Answers how many entries are still to be noted as put aside.
         */
        private Future<Long> putBack(long putAside) {
            long[] left = {putAside};
            Supplier<Future<Void>> concluding = () -> {
                if (concluded) {
                    return Future.succeededFuture();
                }
                concluded = true;
                left[0] = 0;
                return book.turn(rebuild, rebuild.concluding(), putAside);
            };
            return books.sales()
                    .refresh(rebuild.to().saleId())
                    .compose(listed -> contents.facts()
                            .map(facts -> PutBack.Times.of(listed.orElseThrow().sale(), facts)))
                    .compose(times -> (order.discard().allowed()
                                    ? books.lostAnswers().discard(rebuild.to())
                                    : new PutBack(rebuild, times, books, entries, concluding).run())
                            .compose(done -> new RepeatedHolds(rebuild, times.nowMs(), book, entries, concluding).end())
                            .compose(ended -> counts.keepSold())
                            .compose(kept ->
                                    new SurplusCapacity(rebuild, times.nowMs(), books, entries, concluding).takeOut()))
                    .map(done -> left[0]);
        }

        private Future<Long> compared(LaneFacts facts, Salvaged salvaged) {
            tell("comparing", 0, 0);
            LaneComparison comparison = new LaneComparison(contents, books.conclusions(), facts, rebuild.from());
            return books.sales()
                    .refresh(rebuild.to().saleId())
                    .compose(listed -> comparison.losses(listed.orElseThrow().sale(), salvaged.recordedSeq()))
                    .compose(losses -> hasAll(facts, salvaged)
                            ? Future.succeededFuture(losses)
                            : counts.unknownHeld().map(losses::withUnknownHeld))
                    .compose(losses -> order.discard().covers(losses)
                            ? discarded(comparison, losses, salvaged)
                            : Future.failedFuture(new WouldLose(losses)))
                    .compose(putAside ->
                            word(facts, salvaged).compose(counts::follow).map(putAside));
        }

        /** Whether Redis has all that the books have: then what it does not have is not there. */
        private boolean hasAll(LaneFacts facts, Salvaged salvaged) {
            return facts.whole()
                    && (facts.epoch() > rebuild.from().epoch()
                            || (facts.epoch() == rebuild.from().epoch() && facts.lastSeq() >= salvaged.recordedSeq()));
        }

        private Future<BookCounts.Word> word(LaneFacts facts, Salvaged salvaged) {
            boolean isAdded = order.source() == RebuildSource.REDIS && hasAll(facts, salvaged);
            boolean discard = order.discard().allowed();
            return counts.addedUp() || !hasAll(facts, salvaged)
                    ? Future.succeededFuture(new BookCounts.Word(null, isAdded, discard))
                    : contents.stock(unreadable -> {}).map(stock -> {
                        Map<Sku, Long> sold = new HashMap<>();
                        stock.forEach(
                                sku -> sold.put(sku.count().sku(), sku.count().sold()));
                        return new BookCounts.Word(sold, isAdded, discard);
                    });
        }

        /** Each reservation that ends is listed first, and the whole of it written down. */
        private Future<Long> discarded(LaneComparison comparison, Losses losses, Salvaged salvaged) {
            Future<Void> listed = losses.any()
                    ? comparison
                            .listEnded(rebuild, MOST_NAMED)
                            .compose(first -> books.conclusions()
                                    .tellDiscarded(rebuild, losses.reservations(), told(losses, first)))
                    : Future.succeededFuture();
            return listed.compose(done -> books.conclusions().list(rebuild, comparison.settled()))
                    .compose(done -> book.putAsideTheRest(rebuild, salvaged, stream))
                    .map(Salvaged::putAside);
        }

        /** Sums that do not come to what the books count as sold are made anew, from all reservations. */
        private Future<Void> summed() {
            return books.purchases()
                    .sum(rebuild.to())
                    .compose(done -> counts.addedUp() && !entries.any()
                            ? Future.succeededFuture(true)
                            : book.read(rebuild, LaneSnapshot::purchasesAddUp))
                    .compose(addUp ->
                            addUp ? Future.succeededFuture() : books.purchases().sumAnew(rebuild.to()));
        }

        private Future<Void> copy(LaneSnapshot snapshot) {
            return snapshot.sale()
                    .compose(sale -> restore.clear(sale, retention))
                    .onSuccess(endedAfterMs -> rememberedFromMs = endedAfterMs)
                    .compose(cleared -> snapshot.stock())
                    .compose(stock -> restore.stock(stock)
                            .compose(put -> holds(snapshot, stock))
                            .compose(oldestMs -> buyers(snapshot, oldestMs))
                            .compose(put -> restore.settled())
                            .compose(put -> compareStock(stock)));
        }

        /** Answers when the oldest of them was held. */
        private Future<Long> holds(LaneSnapshot snapshot, List<StockedSku> stock) {
            HeldUnits held = new HeldUnits(stock);
            long[] oldestMs = {Long.MAX_VALUE};
            Future<Void> all = held.isComplete()
                    ? Future.succeededFuture()
                    : snapshot.liveHolds(() -> !held.isComplete(), page -> {
                        List<RestoredReservation> some = page.lives().stream()
                                .map(RecordedLife::reservation)
                                .toList();
                        some.forEach(held::add);
                        oldestMs[0] =
                                some.isEmpty() ? oldestMs[0] : some.getLast().heldAtMs();
                        tell("holds", held.found(), held.total());
                        return restore.reservations(some);
                    });
            return all.compose(done -> held.requireAll())
                    .map(complete -> oldestMs[0] == Long.MAX_VALUE ? System.currentTimeMillis() : oldestMs[0]);
        }

        private Future<Void> buyers(LaneSnapshot snapshot, long oldestMs) {
            long[] done = {0};
            return snapshot.allowances(oldestMs, some -> {
                done[0] += some.size();
                tell("buyers", done[0], 0);
                return restore.allowances(some);
            });
        }

        /** What Redis has is read back: only counts that are those of the books are sold by. */
        private Future<Void> compareStock(List<StockedSku> wanted) {
            return contents.stock(unreadable -> {}).compose(found -> {
                List<Object> these = wanted.stream().map(Run::comparable).collect(Collectors.toList());
                List<Object> those = found.stream().map(Run::comparable).collect(Collectors.toList());
                return these.equals(those)
                        ? Future.succeededFuture()
                        : Future.failedFuture(new IllegalStateException(
                                "lane " + rebuild.to() + " does not have the stock that was written"));
            });
        }

        private static Object comparable(StockedSku sku) {
            return List.of(
                    sku.count(),
                    sku.pendingUnits(),
                    sku.adjustmentNo(),
                    sku.rules().version(),
                    sku.rules().perCustomerLimit(),
                    Optional.ofNullable(sku.rules().productId()));
        }

        /** One that was overtaken may fail in many ways, because the other writes to the same lane: only PostgreSQL knows. */
        private Future<Long> gaveUp(Throwable failure) {
            return told(failure).transform(told -> {
                if (told.cause() instanceof Overtaken overtaken) {
                    LOG.warn("lane {} is not rebuilt: {}", rebuild.to(), overtaken.getMessage());
                    return Future.failedFuture(overtaken);
                }
                if (told.succeeded() && told.result()) {
                    LOG.error(
                            "lane {} is not rebuilt, and goes on as it was: {}", rebuild.from(), failure.getMessage());
                } else if (failure instanceof WouldLose) {
                    LOG.warn("lane {} is not rebuilt, and stays closed: {}", rebuild.to(), failure.getMessage());
                } else {
                    LOG.error("lane {} is not rebuilt, and stays closed", rebuild.to(), failure);
                }
                if (told.failed()) {
                    LOG.error("lane {}: PostgreSQL was not told", rebuild.to(), told.cause());
                }
                return Future.failedFuture(failure);
            });
        }

        /** Tells PostgreSQL; answers whether the sale goes on selling, because nothing was changed. */
        private Future<Boolean> told(Throwable failure) {
            boolean untouched = !sealed && !restore.mayHaveSealed() && failure instanceof Unavailable;
            return untouched
                    ? book.failUntouched(rebuild, failed(failure))
                    : book.fail(rebuild, failed(failure)).map(false);
        }

        private RebuildBook.Failed failed(Throwable failure) {
            if (failure instanceof WouldLose wouldLose) {
                return new RebuildBook.Failed(
                        "would-lose: " + wouldLose.losses().told(),
                        "Ask for it with \"from\":\"redis\", and PostgreSQL is brought up to it and nothing is lost"
                                + wouldLose.losses().orDiscard() + '.',
                        RebuildBook.Failed.asking(RebuildSource.REDIS));
            }
            String why = RebuildBook.why(failure);
            return order.source() == RebuildSource.REDIS && !(failure instanceof Unavailable)
                    ? RebuildBook.Failed.fromRedis(why)
                    : RebuildBook.Failed.again(why, order.asked());
        }

        private void tell(String phase, long done, long total) {
            long now = System.nanoTime();
            if (now - toldAt > Duration.ofMillis(500).toNanos() || done == 0) {
                toldAt = now;
                book.progress(rebuild, new RebuildReport.Phase(phase, done, total));
            }
        }

        private String told(Losses losses, List<ReservationId> first) {
            return losses.told() + ". An admin had it rebuilt from PostgreSQL all the same: " + losses.reservations()
                    + " acknowledged reservations are ended. Each is listed among the findings of the rebuild: "
                    + first.stream().map(ReservationId::value).collect(Collectors.joining(", "))
                    + (losses.reservations() > first.size() ? ", ..." : "");
        }
    }
}
