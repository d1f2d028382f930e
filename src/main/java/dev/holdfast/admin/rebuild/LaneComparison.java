package dev.holdfast.admin.rebuild;

import dev.holdfast.ledger.ConclusionBook;
import dev.holdfast.ledger.ConclusionBook.SettledLetters;
import dev.holdfast.ledger.Rebuild;
import dev.holdfast.ledger.RebuildFinding;
import dev.holdfast.ledger.RecordedLife;
import dev.holdfast.redis.HoldValue;
import dev.holdfast.redis.LaneContents;
import dev.holdfast.redis.LaneFacts;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.RestoredReservation;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockedSku;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Counts what Redis has of a sealed lane and the books do not. What a person discarded as a dead letter, or had recorded otherwise, is not
 * missed: it was asked about already. It is listed. To be used on the event loop of its connection.
 */
public final class LaneComparison {

    private final LaneContents contents;
    private final ConclusionBook book;
    private final LaneFacts facts;
    private final Lane recorded;
    private final Map<Sku, Long> confirmedUnits = new HashMap<>();
    /** Confirmed units that Redis has more than the books, and that are not missed. */
    private final Map<Sku, Long> settledUnits = new HashMap<>();

    private final List<RebuildFinding> settled = new ArrayList<>();
    /** A step of the reading may bring one again. */
    private final Set<ReservationId> counted = new HashSet<>();

    private long reservations;
    private long heldUnits;
    private long endings;

    /**
     * @param facts of the sealed lane
     * @param recorded the life of the lane that the books are about
     */
    public LaneComparison(LaneContents contents, ConclusionBook book, LaneFacts facts, Lane recorded) {
        this.contents = contents;
        this.book = book;
        this.facts = facts;
        this.recorded = recorded;
    }

    /**
     * What would be lost if the books alone counted. To be asked once.
     *
     * @param sale as PostgreSQL has it
     * @param recordedSeq how far the lane is recorded
     */
    public Future<Losses> losses(Sale sale, long recordedSeq) {
        return news(some -> {
                    some.forEach(this::count);
                    return Future.succeededFuture();
                })
                .compose(counted -> contents.stock(unreadable -> {}))
                .compose(redis -> book.stock(recorded).map(books -> losses(sale, recordedSeq, redis, books)));
    }

    /** What callers were told of and a person has settled otherwise, as {@link #losses} found it. */
    public List<RebuildFinding> settled() {
        return List.copyOf(settled);
    }

    /** Lists each acknowledged reservation that will be gone, or as it was before; answers the first of their ids. */
    public Future<List<ReservationId>> listEnded(Rebuild rebuild, int mostIds) {
        List<ReservationId> first = new ArrayList<>();
        return news(some -> {
                    List<RebuildFinding> ended = new ArrayList<>();
                    for (News one : some) {
                        if (isAcknowledged(one.kept())) {
                            RestoredReservation kept = one.kept().reservation();
                            ended.add(RebuildFinding.of(
                                    RebuildFinding.Kind.RESERVATION_ENDED, kept.id(), kept.customerId(), told(one)));
                            if (first.size() < mostIds) {
                                first.add(kept.id());
                            }
                        }
                    }
                    return book.list(rebuild, ended);
                })
                .map(first);
    }

    /** Hands on every reservation of which Redis knows more than the books. */
    private Future<Void> news(Function<List<News>, Future<Void>> some) {
        return contents.reservations(
                kept -> book.known(
                                recorded.saleId(),
                                kept.stream().map(one -> one.reservation().id()).toList())
                        .compose(known -> wanted(differing(kept, known)))
                        .compose(some),
                unreadable -> {});
    }

    /** Leaves out, and notes, what a person has settled. */
    private Future<List<News>> wanted(List<News> differing) {
        List<ReservationId> ids =
                differing.stream().map(one -> one.kept().reservation().id()).toList();
        return book.settled(recorded.saleId(), ids, facts.epoch()).map(letters -> {
            List<News> wanted = new ArrayList<>();
            for (News one : differing) {
                SettledLetters its = letters.get(one.kept().reservation().id());
                if (its != null && (its.discarded() || one.kept().seq() <= its.mendedSeq())) {
                    settle(one, its);
                } else if (one.isNews()) {
                    wanted.add(one);
                }
            }
            return wanted;
        });
    }

    private void settle(News one, SettledLetters letters) {
        RestoredReservation kept = one.kept().reservation();
        if (!counted.add(kept.id())) {
            return;
        }
        confirmedUnitsOf(kept, 1, settledUnits);
        confirmedUnitsOf(one.known(), -1, settledUnits);
        if (isAcknowledged(one.kept())) {
            settled.add(RebuildFinding.of(
                    RebuildFinding.Kind.RESERVATION_ENDED,
                    kept.id(),
                    kept.customerId(),
                    told(one) + "; its dead letter was " + (letters.discarded() ? "discarded" : "mended")
                            + ", so that PostgreSQL counts"));
        }
    }

    /** Adds its units so many times where it is confirmed. */
    static void confirmedUnitsOf(@Nullable RestoredReservation one, int times, Map<Sku, Long> units) {
        if (one != null && one.state() == ReservationState.CONFIRMED) {
            one.cart().lines().forEach(line -> units.merge(line.sku(), (long) times * line.quantity(), Long::sum));
        }
    }

    /** What the books do not know, and what they know otherwise. */
    private List<News> differing(List<HoldValue> kept, Map<ReservationId, RecordedLife> known) {
        List<News> news = new ArrayList<>();
        for (HoldValue one : kept) {
            RecordedLife life = known.get(one.reservation().id());
            RestoredReservation inBooks = life == null ? null : life.reservation();
            News found = new News(inBooks, one);
            if (!facts.isUntold(one) && (found.isNews() || found.isOtherPurchase())) {
                news.add(found);
            }
        }
        return news;
    }

    private void count(News news) {
        RestoredReservation kept = news.kept().reservation();
        RestoredReservation known = news.known();
        if (!counted.add(kept.id())) {
            return;
        }
        if (isAcknowledged(news.kept())) {
            reservations++;
            if (kept.state() == ReservationState.HELD) {
                heldUnits += kept.cart().units();
            } else {
                addUnits(news, confirmedUnits);
            }
        } else if (kept.state() == ReservationState.RELEASED && known != null && known.expiresAtMs() > facts.nowMs()) {
            endings++;
        }
    }

    private static void addUnits(News news, Map<Sku, Long> units) {
        for (Line line : news.kept().reservation().cart().lines()) {
            units.merge(line.sku(), (long) line.quantity(), Long::sum);
        }
    }

    /** What callers count on: a hold whose time is over is over for them, too. */
    private boolean isAcknowledged(HoldValue kept) {
        RestoredReservation reservation = kept.reservation();
        return reservation.state() == ReservationState.CONFIRMED
                || (reservation.state() == ReservationState.HELD && reservation.expiresAtMs() > facts.nowMs());
    }

    private Losses losses(Sale sale, long recordedSeq, List<StockedSku> redis, Map<Sku, StockedSku> books) {
        long skus = 0;
        long adjustments = 0;
        long settings = version() > sale.version() ? 1 : 0;
        long confirmed = 0;
        long held = 0;
        long sold = 0;
        for (StockedSku there : redis) {
            StockedSku here = books.get(there.count().sku());
            long lost = confirmedUnits.getOrDefault(there.count().sku(), 0L);
            long more = there.count().sold()
                    - (here == null ? 0 : here.count().sold())
                    - settledUnits.getOrDefault(there.count().sku(), 0L);
            confirmed += Math.max(lost, facts.whole() ? more : 0);
            held += there.count().held();
            sold += there.count().sold();
            if (facts.whole()) {
                skus += here == null ? 1 : 0;
                adjustments += here == null
                        ? 0
                        : Math.max(0, there.count().version() - here.count().version());
                settings +=
                        here != null && there.rules().version() > here.rules().version() ? 1 : 0;
            }
        }
        return new Losses(
                reservations,
                heldUnits,
                confirmed,
                endings,
                skus,
                adjustments,
                settings,
                0,
                new Losses.Side(facts.epoch(), facts.lastSeq(), held, sold),
                new Losses.Side(
                        recorded.epoch(),
                        recordedSeq,
                        books.values().stream()
                                .mapToLong(one -> one.count().held())
                                .sum(),
                        books.values().stream()
                                .mapToLong(one -> one.count().sold())
                                .sum()));
    }

    private long version() {
        String version = facts.sale().get("version");
        return version != null && version.matches("[0-9]{1,15}") ? Long.parseLong(version) : 0;
    }

    private static String told(News news) {
        RestoredReservation kept = news.kept().reservation();
        RestoredReservation known = news.known();
        return kept.state().word() + " in Redis with " + lines(kept) + ", revision " + kept.revision() + "; "
                + (known == null
                        ? "PostgreSQL does not have it"
                        : known.state().word() + " in PostgreSQL with " + lines(known) + ", revision "
                                + known.revision());
    }

    /** The cart in words. */
    static String lines(RestoredReservation reservation) {
        List<String> lines = new ArrayList<>();
        reservation.cart().lines().forEach(line -> lines.add(line.quantity() + " x " + line.sku()));
        return String.join(", ", lines);
    }

    private record News(@Nullable RestoredReservation known, HoldValue kept) {

        boolean isNews() {
            return LifeConclusion.isNews(known, kept.reservation());
        }

        /** Confirmed on both sides, with other lines. */
        boolean isOtherPurchase() {
            return known != null
                    && known.state() == ReservationState.CONFIRMED
                    && kept.reservation().state() == ReservationState.CONFIRMED
                    && !known.cart().equals(kept.reservation().cart());
        }
    }
}
