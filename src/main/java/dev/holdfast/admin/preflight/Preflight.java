package dev.holdfast.admin.preflight;

import dev.holdfast.admin.preflight.Evidence.RedisFacts;
import dev.holdfast.ledger.PreflightBook;
import dev.holdfast.ledger.PreflightBook.SaleFacts;
import dev.holdfast.redis.RedisFitness;
import dev.holdfast.reservation.AtomicStep;
import dev.holdfast.reservation.LaneTrust;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.ListedSale.LaneState;
import dev.holdfast.reservation.SaleDirectory;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.SaleStanding;
import dev.holdfast.reservation.StaleLane;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Looks a sale over before its buyers come: gathers what there is to know, in a handful of questions, and has every check judge it. */
public final class Preflight {

    private static final List<Check> CHECKS = List.of(
            new StockCheck(),
            new WindowCheck(),
            new LimitCheck(),
            new PriceCheck(),
            new LaneCheck(),
            new ChangesCheck(),
            new RecorderCheck(),
            new RedisCheck(),
            new ClockCheck(),
            new MemoryCheck());

    private final SaleDirectory directory;
    private final PreflightBook book;
    private final RedisFitness redis;
    private final LaneTrust trust;
    private final LedgerStream stream;
    private final AtomicStep step;

    /** Redis, the trust, the stream and the step are of one connection. */
    public Preflight(
            SaleDirectory directory,
            PreflightBook book,
            RedisFitness redis,
            LaneTrust trust,
            LedgerStream stream,
            AtomicStep step) {
        this.directory = directory;
        this.book = book;
        this.redis = redis;
        this.trust = trust;
        this.stream = stream;
        this.step = step;
    }

    /** Changes nothing. Empty if there is no such sale. Fails with {@link Unavailable} where PostgreSQL or Redis cannot be asked. */
    public Future<Optional<Report>> report(SaleId saleId) {
        return directory
                .refresh(saleId)
                .compose(listed -> listed.isEmpty()
                        ? Future.succeededFuture(Optional.empty())
                        : gathered(listed.get()).map(evidence -> Optional.of(judged(evidence))));
    }

    private static Report judged(Evidence evidence) {
        return Report.of(CHECKS.stream()
                .flatMap(check -> check.findings(evidence).stream())
                .toList());
    }

    private Future<Evidence> gathered(ListedSale listed) {
        SaleId saleId = listed.sale().id();
        // The end of the stream before the cursor: what is recorded in between must not look as if it waited.
        return asked(listed)
                .compose(told ->
                        book.sale(saleId).map(Optional::orElseThrow).compose(facts -> with(listed, facts, told)));
    }

    private Future<Evidence> with(ListedSale listed, SaleFacts facts, RedisFacts told) {
        return book.skus(listed.sale().id()).map(skus -> new Evidence(listed, facts, skus, told));
    }

    private Future<RedisFacts> asked(ListedSale listed) {
        return redis.check()
                .compose(fitness -> redis.memory()
                        .compose(memory -> lastSeq(listed)
                                .compose(last -> lagMs(listed, last)
                                        .map(lagMs -> new RedisFacts(fitness, memory, last, lagMs)))));
    }

    private Future<Long> lagMs(ListedSale listed, OptionalLong lastSeq) {
        return lastSeq.isEmpty()
                ? Future.succeededFuture(0L)
                : step.standing(listed.lane()).map(SaleStanding::lagMs);
    }

    /** Empty where Redis does not have the lane. */
    private Future<OptionalLong> lastSeq(ListedSale listed) {
        if (listed.laneState() != LaneState.OPEN) {
            return Future.succeededFuture(OptionalLong.empty());
        }
        return trust.require(listed.lane())
                .compose(stream::lastSeq)
                .map(OptionalLong::of)
                .recover(failure -> failure instanceof StaleLane
                        ? Future.succeededFuture(OptionalLong.empty())
                        : Future.failedFuture(failure));
    }
}
