package dev.holdfast.reservation;

import dev.holdfast.reservation.EndedReservations.Ended;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The atomic step on lanes that were rebuilt and do not have all ended reservations back. A request with a key that Redis does not know may
 * be the repetition of one that ended: it is looked for in PostgreSQL before anything is held. All else is as on any lane. To be used on the
 * event loop of the step.
 */
public final class RestoringStep implements AtomicStep {

    /** Keys of one query. */
    private static final int MOST_AT_ONCE = 200;

    /** More would wait in vain: they are refused at once. */
    private static final int MOST_WAITING = 4_000;

    private final AtomicStep live;
    private final EndedReservations archive;
    private final Queue<Asked> waiting = new ArrayDeque<>();
    private boolean asking;

    /** One for each event loop. */
    public RestoringStep(AtomicStep live, EndedReservations archive) {
        this.live = live;
        this.archive = archive;
    }

    private record Asked(Lane lane, EndedReservations.Key key, Promise<Optional<Ended>> answer) {}

    /** Redis is asked first: what it knows under a key is newer than what PostgreSQL has. */
    @Override
    public Future<HoldOutcome> hold(Lane lane, HoldId id, String fingerprint, HoldRequest request) {
        if (request.idempotencyKey() == null) {
            return live.hold(lane, id, fingerprint, request);
        }
        return endedUnder(lane, id.id(), request)
                .compose(ended -> ended.isEmpty() && id.other() != null
                        ? endedUnder(lane, id.other(), request)
                        : Future.succeededFuture(ended))
                .compose(ended -> ended.isPresent()
                        ? Future.succeededFuture(again(ended.get(), fingerprint))
                        : live.hold(lane, id, fingerprint, request));
    }

    private Future<Optional<Ended>> endedUnder(Lane lane, ReservationId id, HoldRequest request) {
        return live.find(lane, id)
                .compose(found -> found instanceof ChangeOutcome.NoSuchReservation
                        ? ended(lane, new EndedReservations.Key(request.customerId(), id.key()))
                        : Future.succeededFuture(Optional.empty()));
    }

    @Override
    public Future<ChangeOutcome> confirm(Lane lane, ReservationId id) {
        return live.confirm(lane, id);
    }

    @Override
    public Future<ChangeOutcome> release(Lane lane, ReservationId id) {
        return live.release(lane, id);
    }

    @Override
    public Future<ChangeOutcome> extend(Lane lane, ReservationId id, int holdSeconds, @Nullable Long expectedRevision) {
        return live.extend(lane, id, holdSeconds, expectedRevision);
    }

    @Override
    public Future<ChangeOutcome> replace(Lane lane, ReservationId id, Cart cart, @Nullable Long expectedRevision) {
        return live.replace(lane, id, cart, expectedRevision);
    }

    /** Whoever asks for it has looked into PostgreSQL before. */
    @Override
    public Future<ChangeOutcome> reclaim(Lane lane, Receipt receipt) {
        return live.reclaim(lane, receipt);
    }

    @Override
    public Future<ChangeOutcome> find(Lane lane, ReservationId id) {
        return live.find(lane, id);
    }

    @Override
    public Future<Optional<StockCount>> count(Lane lane, Sku sku) {
        return live.count(lane, sku);
    }

    @Override
    public Future<StockCounts> stock(Lane lane) {
        return live.stock(lane);
    }

    @Override
    public Future<Expiries> expiries(Lane lane, Sku sku, int most) {
        return live.expiries(lane, sku, most);
    }

    @Override
    public Future<SaleStanding> standing(Lane lane) {
        return live.standing(lane);
    }

    private static HoldOutcome again(Ended ended, String fingerprint) {
        return ended.fingerprint().equals(fingerprint)
                ? new HoldOutcome.Replayed(ended.reservation())
                : new HoldOutcome.KeyReused();
    }

    /** Keys that come while PostgreSQL is asked are asked for together. */
    private Future<Optional<Ended>> ended(Lane lane, EndedReservations.Key key) {
        if (waiting.size() >= MOST_WAITING) {
            return Future.failedFuture(new Unavailable(
                    Unavailable.Reason.OVERLOADED, "too many keys are looked for on lane " + lane, null));
        }
        Promise<Optional<Ended>> answer = Promise.promise();
        waiting.add(new Asked(lane, key, answer));
        if (!asking) {
            ask();
        }
        return answer.future();
    }

    private void ask() {
        Asked first = waiting.peek();
        asking = first != null;
        if (first == null) {
            return;
        }
        List<Asked> asked = new ArrayList<>();
        while (!waiting.isEmpty()
                && asked.size() < MOST_AT_ONCE
                && waiting.peek().lane().equals(first.lane())) {
            asked.add(waiting.remove());
        }
        archive.find(first.lane(), asked.stream().map(Asked::key).toList()).onComplete(found -> {
            for (int i = 0; i < asked.size(); i++) {
                if (found.succeeded()) {
                    asked.get(i).answer().complete(found.result().get(i));
                } else {
                    asked.get(i).answer().fail(found.cause());
                }
            }
            ask();
        });
    }
}
