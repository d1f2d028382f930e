package dev.holdfast.reservation;

import dev.holdfast.reservation.EndedReservations.Ended;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;

/**
 * The atomic step on lanes that were rebuilt and do not have all ended reservations back. A request with a key that Redis does not know may
 * be the repetition of one that ended: it is looked for in PostgreSQL before anything is held. All else is as on any lane. To be used on the
 * event loop of the step.
 */
public final class RestoringStep extends ForwardingStep {

    /** Keys of one query. */
    private static final int MOST_AT_ONCE = 200;

    /** More would wait in vain: they are refused at once. */
    private static final int MOST_WAITING = 4_000;

    private final EndedReservations archive;
    private final Queue<Asked> waiting = new ArrayDeque<>();
    private boolean asking;

    /** One for each event loop. */
    public RestoringStep(AtomicStep live, EndedReservations archive) {
        super(live);
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
