package dev.holdfast.admin;

import dev.holdfast.ledger.LostAnswers;
import dev.holdfast.ledger.LostAnswers.Standing;
import dev.holdfast.reservation.Chunks;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ToldAnswers;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forgets what this node answered some time after it was recorded, and writes down what is not recorded, or no more, where the lane has stopped: so
 * people know what callers were told of and is lost. Lives on one event loop.
 */
public final class ToldAnswersWatch {

    private static final Logger LOG = LoggerFactory.getLogger(ToldAnswersWatch.class);

    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /** As long as what is recorded is kept. */
    private static final Duration KEEP_FILED = Duration.ofMinutes(10);

    /** Answers of one statement. */
    private static final int AT_ONCE = 1_000;

    private final Vertx vertx;
    private final ToldAnswers answers;
    private final LostAnswers book;
    private final String node;
    private final Map<Lane, Filed> filed = new HashMap<>();
    private boolean looking;
    private boolean lookAgain;
    private boolean failing;
    private long timer = -1;

    /** @param node who told the answers */
    public ToldAnswersWatch(Vertx vertx, ToldAnswers answers, LostAnswers book, String node) {
        this.vertx = vertx;
        this.answers = answers;
        this.book = book;
        this.node = node;
    }

    /** Looks every second from now on. To be called on the event loop. */
    public void start() {
        timer = vertx.setPeriodic(INTERVAL.toMillis(), tick -> look());
    }

    /** Looks no more. */
    public void stop() {
        vertx.cancelTimer(timer);
    }

    /** A lane may have stopped: looks at once. To be called on the event loop. */
    public void look() {
        if (looking) {
            lookAgain = true;
            return;
        }
        Set<Lane> lanes = answers.lanes();
        if (lanes.isEmpty()) {
            return;
        }
        looking = true;
        book.standings(lanes).compose(standings -> settle(lanes, standings)).onComplete(done -> {
            looking = false;
            tell(done.cause() == null ? null : done.cause().getMessage());
            if (lookAgain) {
                lookAgain = false;
                look();
            }
        });
    }

    private Future<Void> settle(Set<Lane> lanes, Map<Lane, Standing> standings) {
        long nowMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
        filed.keySet().retainAll(lanes);
        Map<Lane, Standing> stopped = new LinkedHashMap<>();
        for (Lane lane : lanes) {
            Standing standing = standings.get(lane);
            // An older PostgreSQL may have lost the sale, with what callers were told of it: that is kept until it is
            // back.
            if (standing != null && standing.goesOn()) {
                filed.remove(lane);
                answers.recorded(lane, standing.seq(), nowMs);
            } else if (standing != null) {
                stopped.put(lane, standing);
            }
        }
        return Chunks.inTurn(
                List.copyOf(stopped.entrySet()),
                1,
                one -> file(one.getFirst().getKey(), one.getFirst().getValue().seq(), nowMs));
    }

    /** What is filed is kept for a while: a PostgreSQL that comes back older has lost it, and it is filed once more. */
    private Future<Void> file(Lane lane, long recordedSeq, long nowMs) {
        List<Reservation> told = answers.after(lane, recordedSeq);
        Filed before = filed.get(lane);
        if (before != null && before.isOf(recordedSeq, told.size())) {
            if (nowMs - before.atMs >= KEEP_FILED.toMillis()) {
                answers.forget(lane);
            }
            return Future.succeededFuture();
        }
        return Chunks.inTurn(told, AT_ONCE, some -> book.file(lane, some, node)).onSuccess(done -> {
            filed.put(lane, new Filed(recordedSeq, told.size(), nowMs));
            if (!told.isEmpty()) {
                LOG.warn(
                        "lane {} stopped, and {} answers of this node are not recorded: they are filed",
                        lane,
                        told.size());
            }
        });
    }

    /** So many answers were filed, all after this entry. */
    private record Filed(long afterSeq, int told, long atMs) {

        boolean isOf(long recordedSeq, int answers) {
            return afterSeq == recordedSeq && told == answers;
        }
    }

    private void tell(@Nullable String failure) {
        if (failing != (failure != null)) {
            failing = failure != null;
            LOG.info(
                    "what callers were told of is {}",
                    failing ? "not compared with the books: " + failure : "compared with the books again");
        }
    }
}
