package dev.holdfast.admin.rebuild;

import dev.holdfast.ledger.ConclusionBook;
import dev.holdfast.ledger.LaneSettings;
import dev.holdfast.ledger.LostAnswers;
import dev.holdfast.ledger.PurchaseBook;
import dev.holdfast.ledger.Rebuild;
import dev.holdfast.ledger.RebuildBook;
import dev.holdfast.ledger.RebuildFinding;
import dev.holdfast.ledger.RebuildReport;
import dev.holdfast.ledger.RecordedLife;
import dev.holdfast.ledger.Salvaged;
import dev.holdfast.redis.HoldValue;
import dev.holdfast.redis.LaneContents;
import dev.holdfast.redis.LaneFacts;
import dev.holdfast.redis.LedgerWords;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.RestoredReservation;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockedSku;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Brings the books up to what a sealed lane in Redis knows and they do not: from its ledger where that still has it, from holds, counts and
 * buyers where not. What the books know and Redis does not stays. All is written as entries that are folded like any others, so that the books
 * add up by the same rules, and can be written again where it ends in the middle: what is in the books then is no news any more.
 *
 * <p>Units have to be free before they are taken again. So what was given back comes first, then carts whose lines changed, all at once, then
 * everything that takes units. Lives on the event loop of its connection.
 */
public final class Conclusions {

    private static final RebuildReport.Phase PHASE = new RebuildReport.Phase("concluding", 0, 0);

    private final Rebuild rebuild;
    private final Sale sale;
    private final LaneFacts facts;
    private final LaneContents contents;
    private final LedgerStream stream;
    private final Ledgers books;
    private final ConcludedEntries entries;
    private final List<String> replaced = new ArrayList<>();
    private final List<RecordedLife> missing = new ArrayList<>();
    private final MendedLetters mended;
    private long done;

    /**
     * Where it is written.
     *
     * @param entries of this rebuild, none so far
     */
    public record Ledgers(
            RebuildBook rebuilds,
            ConclusionBook conclusions,
            PurchaseBook purchases,
            LostAnswers lostAnswers,
            ConcludedEntries entries) {}

    /**
     * @param sale as PostgreSQL has it
     * @param facts of the sealed lane
     */
    public Conclusions(
            Rebuild rebuild, Sale sale, LaneFacts facts, LaneContents contents, LedgerStream stream, Ledgers books) {
        this.rebuild = rebuild;
        this.sale = sale;
        this.facts = facts;
        this.contents = contents;
        this.stream = stream;
        this.books = books;
        entries = books.entries();
        mended = new MendedLetters(books.conclusions(), rebuild, facts);
    }

    /**
     * Fails with {@link dev.holdfast.ledger.Overtaken}, as Redis and PostgreSQL do, and with IllegalStateException where both sides together
     * have sold more than there is.
     *
     * @param salvaged what was recorded of the lane's ledger before
     */
    public Future<Void> run(Salvaged salvaged) {
        books.rebuilds().progress(rebuild, PHASE);
        Lane life = new Lane(rebuild.from().saleId(), rebuild.from().number(), facts.epoch());
        long afterSeq = facts.epoch() == rebuild.from().epoch() ? salvaged.recordedSeq() : 0;
        return books.purchases()
                .sum(rebuild.from())
                .compose(summed -> books.rebuilds().turn(rebuild, rebuild.concluding(), salvaged.putAside()))
                .compose(turned -> LedgerTail.read(stream, life, afterSeq))
                .compose(tail -> contents.stock(unreadable -> {})
                        .compose(stock -> settings(stock)
                                .compose(set -> facts.whole() ? capacities(stock, tail) : Future.succeededFuture())
                                .compose(set -> giveBack(tail))
                                .compose(given -> entries.writeTogether(replaced))
                                .compose(given -> endMissing(stock))
                                .compose(ended -> take(tail))
                                .compose(taken -> facts.whole()
                                        ? new LostPurchases(rebuild, facts, contents, books, entries)
                                                .conclude(stock, mended)
                                        : Future.succeededFuture())))
                .compose(all -> entries.any()
                        ? books.conclusions().tellConcluded(rebuild, entries.told())
                        : Future.succeededFuture());
    }

    /** What admins decided. Of a sale whose key was lost, or cannot be read, that is what the books have. */
    private Future<Void> settings(List<StockedSku> stock) {
        if (!facts.whole()) {
            return Future.succeededFuture();
        }
        Optional<Sale> redis = SaleFields.sale(rebuild.to().saleId(), facts.sale());
        Future<Void> told = redis.isPresent()
                ? Future.succeededFuture()
                : entries.list(List.of(new RebuildFinding(
                        RebuildFinding.Kind.UNREADABLE,
                        null,
                        null,
                        null,
                        "the sale's settings in Redis are lost or cannot be read: those of PostgreSQL count")));
        return told.compose(done -> books.conclusions().concludeSettings(new LaneSettings(redis.orElse(sale), stock)))
                .compose(entries::list);
    }

    /** SKUs that the books lack, and capacities as Redis has them; before anything takes units of them. */
    private Future<Void> capacities(List<StockedSku> stock, LedgerTail tail) {
        return books.conclusions().stock(rebuild.from()).compose(known -> {
            List<String> texts = new ArrayList<>();
            List<RebuildFinding> findings = new ArrayList<>();
            for (StockedSku redis : stock) {
                StockedSku inBooks = known.get(redis.count().sku());
                if (inBooks == null) {
                    texts.add(LedgerWords.putUp(redis, redis.count().capacity(), facts.nowMs()));
                    if (redis.pendingUnits() > 0 || redis.adjustmentNo() > 0) {
                        texts.add(adjusted(redis, tail, 0, redis.pendingUnits()));
                    }
                    findings.add(RebuildFinding.of(
                            RebuildFinding.Kind.SKU_CONCLUDED,
                            redis.count().sku(),
                            "was not in the books; has a capacity of "
                                    + redis.count().capacity()));
                } else {
                    capacity(redis, inBooks, tail, texts, findings);
                }
            }
            return entries.write(texts).compose(written -> entries.list(findings));
        });
    }

    private void capacity(
            StockedSku redis, StockedSku inBooks, LedgerTail tail, List<String> texts, List<RebuildFinding> findings) {
        boolean isDecidedOn = redis.count().version() > inBooks.count().version();
        long more = redis.count().capacity() - inBooks.count().capacity();
        // Without a decision of an admin, only what is free in the books can leave them: the rest is held or sold.
        long units = isDecidedOn ? more : Math.max(more, -inBooks.count().available());
        Sku sku = redis.count().sku();
        if (isDecidedOn) {
            texts.add(adjusted(redis, tail, units, redis.pendingUnits() - inBooks.pendingUnits()));
            findings.add(RebuildFinding.of(
                    RebuildFinding.Kind.SKU_CONCLUDED,
                    sku,
                    "has the capacity " + redis.count().capacity() + " of version "
                            + redis.count().version() + "; the books had "
                            + inBooks.count().capacity()));
        } else if (redis.count().version() == inBooks.count().version() && units != 0) {
            boolean shrunk = units < 0 && redis.decidedCapacity() == inBooks.decidedCapacity();
            if (shrunk) {
                texts.add(LedgerWords.shrunk(redis, -units, facts.nowMs()));
            }
            findings.add(RebuildFinding.of(
                    shrunk ? RebuildFinding.Kind.SKU_CONCLUDED : RebuildFinding.Kind.COUNT_DIFFERS,
                    sku,
                    "Redis has a capacity of " + redis.count().capacity() + ", the books had "
                            + inBooks.count().capacity()
                            + (shrunk ? ": units left as holds ended" : ", and nobody changed it: the books count")));
        }
    }

    private String adjusted(StockedSku redis, LedgerTail tail, long units, long morePending) {
        String id = tail.adjustmentId(redis.adjustmentNo()).orElseGet(() -> "concluded-" + UUID.randomUUID());
        return LedgerWords.adjusted(redis, id, units, morePending, facts.nowMs());
    }

    /** Holds of the books that have ended in Redis give their units back; those with other lines, and those that Redis lacks, are noted. */
    private Future<Void> giveBack(LedgerTail tail) {
        return books.conclusions().stock(rebuild.from()).compose(stock -> {
            HeldUnits held = new HeldUnits(stock.values());
            return held.isComplete()
                    ? Future.succeededFuture()
                    : books.rebuilds()
                            .read(
                                    rebuild,
                                    snapshot -> snapshot.liveHolds(() -> !held.isComplete(), some -> {
                                        some.lives().forEach(life -> held.add(life.reservation()));
                                        return giveBack(some.lives(), tail);
                                    }));
        });
    }

    private Future<Void> giveBack(List<RecordedLife> lives, LedgerTail tail) {
        List<String> keys =
                lives.stream().map(life -> life.reservation().id().key()).toList();
        return contents.reservations(keys)
                .compose(kept -> mended.among(kept.values()).compose(asMended -> {
                    List<String> texts = new ArrayList<>();
                    List<RebuildFinding> findings = new ArrayList<>();
                    for (RecordedLife life : lives) {
                        RestoredReservation known = life.reservation();
                        HoldValue one = kept.get(known.id().key());
                        if (one == null || !one.reservation().id().equals(known.id())) {
                            missing.add(life);
                            continue;
                        }
                        if (asMended.contains(known.id())) {
                            continue;
                        }
                        ReservationState now = one.reservation().state();
                        if (now == ReservationState.RELEASED || now == ReservationState.EXPIRED) {
                            List<String> end = LifeConclusion.of(known, tail.of(known.id()), one.reservation());
                            texts.addAll(end);
                            if (!end.isEmpty()) {
                                findings.add(finding(known, one.reservation()));
                            }
                        } else {
                            replaced.addAll(LifeConclusion.ofLines(known, one.reservation()));
                        }
                    }
                    return entries.write(texts).compose(written -> entries.list(findings));
                }));
    }

    /** Holds that Redis once knew and does not keep any more have ended so long ago that it forgot them; the others stay held. */
    private Future<Void> endMissing(List<StockedSku> stock) {
        List<RecordedLife> once = missing.stream().filter(this::wasInRedis).toList();
        return !facts.whole() || once.isEmpty()
                ? Future.succeededFuture()
                : new ForgottenHolds(rebuild, facts, contents, books.conclusions(), once)
                        .endings(stock)
                        .compose(endings -> entries.write(endings.stream()
                                        .map(ForgottenHolds.Ending::text)
                                        .toList())
                                .compose(written -> entries.list(endings.stream()
                                        .map(ForgottenHolds.Ending::finding)
                                        .toList())));
    }

    /** Its last transition is not later than Redis's last. */
    private boolean wasInRedis(RecordedLife life) {
        return life.epoch() < facts.epoch() || (life.epoch() == facts.epoch() && life.seq() <= facts.lastSeq());
    }

    /** Everything else of which Redis knows more. */
    private Future<Void> take(LedgerTail tail) {
        List<String> unreadable = new ArrayList<>();
        return contents.reservations(kept -> take(kept, tail), unreadable::add)
                .compose(taken -> entries.list(unreadable.stream()
                        .map(value -> new RebuildFinding(RebuildFinding.Kind.UNREADABLE, null, null, null, value))
                        .toList()));
    }

    private Future<Void> take(List<HoldValue> some, LedgerTail tail) {
        List<HoldValue> told = some.stream().filter(one -> !facts.isUntold(one)).toList();
        return mended.among(told).compose(asMended -> take(told, asMended, tail));
    }

    private Future<Void> take(List<HoldValue> some, Set<ReservationId> asMended, LedgerTail tail) {
        Map<ReservationId, RestoredReservation> kept = new HashMap<>();
        some.forEach(one -> kept.put(one.reservation().id(), one.reservation()));
        return books.conclusions().known(rebuild.to().saleId(), kept.keySet()).compose(known -> {
            List<String> texts = new ArrayList<>();
            List<RebuildFinding> findings = new ArrayList<>();
            for (RestoredReservation one : kept.values()) {
                RecordedLife life = known.get(one.id());
                RestoredReservation inBooks = life == null ? null : life.reservation();
                if (asMended.contains(one.id())) {
                    findings.addAll(mended.leftAsMended(inBooks, one));
                    continue;
                }
                List<String> news = LifeConclusion.of(inBooks, tail.of(one.id()), one);
                texts.addAll(news);
                if (!news.isEmpty()) {
                    findings.add(finding(inBooks, one));
                } else if (inBooks != null && isConflict(inBooks, one)) {
                    findings.add(RebuildFinding.of(
                            RebuildFinding.Kind.RESERVATION_CONFLICT,
                            one.id(),
                            one.customerId(),
                            "confirmed in the books, which counts; "
                                    + one.state().word() + " in Redis, revision " + one.revision()));
                }
            }
            done += kept.size();
            books.rebuilds().progress(rebuild, new RebuildReport.Phase(PHASE.name(), done, 0));
            return entries.write(texts).compose(written -> entries.list(findings));
        });
    }

    /** Redis went on with what the books have as confirmed. */
    private static boolean isConflict(RestoredReservation known, RestoredReservation kept) {
        return known.state() == ReservationState.CONFIRMED
                && kept.state() != ReservationState.CONFIRMED
                && kept.revision() >= known.revision();
    }

    private static RebuildFinding finding(@Nullable RestoredReservation known, RestoredReservation kept) {
        return RebuildFinding.of(
                RebuildFinding.Kind.RESERVATION_CONCLUDED,
                kept.id(),
                kept.customerId(),
                kept.state().word() + " in Redis with " + LaneComparison.lines(kept) + "; "
                        + (known == null
                                ? "was not in the books"
                                : known.state().word() + " in the books"));
    }
}
