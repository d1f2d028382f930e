package dev.holdfast.ledger;

import dev.holdfast.ledger.LetterOutcome.NextStep;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * People look at entries that could not be recorded, and have them recorded after all, mended if need be, or say that they are not wanted.
 * Safe for all threads. Everything fails with {@link dev.holdfast.reservation.Unavailable} while PostgreSQL is away.
 */
public final class DeadLetterBook {

    /** Which ones to find; null where that does not matter. */
    public record Query(@Nullable SaleId saleId, DeadLetter.@Nullable State state) {}

    private static final String NEWEST_FIRST = "dead_letter_id desc";

    private static final String OF_ALL = "select * from dead_letters where dead_letter_id < $1";

    private static final String WANTED = """
            ($2::text is null or state = $2)
            """;

    private static final String FIND = BoundedWalk.sql(OF_ALL, NEWEST_FIRST, WANTED, "$3");

    private static final String FIND_OF_SALE =
            BoundedWalk.sql(OF_ALL + " and sale_id = $4", NEWEST_FIRST, WANTED, "$3");

    private static final String ONE = """
            select * from dead_letters where dead_letter_id = $1
            """;

    private static final String LOCK = ONE + " for no key update";

    /** No recorder moves the cursor and no rebuild begins until this transaction ends. */
    private static final String LOCK_LANE = """
            select epoch, state from lanes where sale_id = $1 and lane = $2 for no key update
            """;

    private static final String RECORDED = """
            select state, revision, customer_id, expires_at from reservations
            where sale_id = $1 and held_at = $2 and reservation_id = $3
            """;

    private static final String IS_PUT_UP = """
            select exists (select from stock where sale_id = $1 and lane = $2 and sku = $3) as known
            """;

    private static final String IS_ADJUSTED = """
            select exists (select from adjustments where adjustment_id = $1 and recorded_at is not null)
                or exists (select from stock where sale_id = $2 and lane = $3 and sku = $4 and adjustment_no >= $5) as known
            """;

    private static final String SETTLE = """
            update dead_letters
            set state = $2, mended_entry = $3, took_effect = $4, settled_at = clock_timestamp(), settled_by = $5, settled_reason = $6
            where dead_letter_id = $1
            returning *
            """;

    /** Redis does not have what the books have now. */
    private static final String STOP = """
            update lanes
            set state = 'recovering', state_reason = $4, version = version + 1, recorder = null
            where sale_id = $1 and lane = $2 and epoch = $3 and state = 'open'
            """;

    private static final String NEXT = """
            select l.state,
                   (select count(*) from dead_letters d
                    where d.sale_id = $1 and d.lane = $2 and d.state = 'waiting' and d.stops_lane) as waiting
            from lanes l
            where l.sale_id = $1 and l.lane = $2
            """;

    private static final String WAITING = """
            select count(*) as waiting from dead_letters where sale_id = $1 and state = 'waiting' and stops_lane
            """;

    private final Postgres postgres;
    private final SaleBook sales;
    private final ReservationHistory.EntryReader reader;

    /** Tells the book of sales at once when a lane stops. */
    public DeadLetterBook(Postgres postgres, SaleBook sales, ReservationHistory.EntryReader reader) {
        this.postgres = postgres;
        this.sales = sales;
        this.reader = reader;
    }

    /**
     * Finds at most {@code limit}, the latest first.
     *
     * @param beforeId where an earlier search ended; null for a new one
     */
    public Future<Found<DeadLetter, Long>> find(Query query, @Nullable Long beforeId, int limit) {
        DeadLetter.State state = query.state();
        Tuple arguments =
                Tuple.of(beforeId == null ? Long.MAX_VALUE : beforeId, state == null ? null : word(state), limit + 1);
        SaleId saleId = query.saleId();
        return (saleId == null
                        ? postgres.query("find dead letters", FIND, arguments)
                        : postgres.query(
                                "find dead letters of " + saleId, FIND_OF_SALE, arguments.addString(saleId.value())))
                .map(rows -> BoundedWalk.found(rows, limit, DeadLetterBook::letter, DeadLetter::id));
    }

    /** Empty where there is none with this number. */
    public Future<Optional<DeadLetter>> find(long id) {
        return postgres.query("find dead letter " + id, ONE, Tuple.of(id))
                .map(rows -> SaleRows.first(rows).map(DeadLetterBook::letter));
    }

    /** How many of the sale wait without which its books differ from what Redis told callers. */
    public Future<Long> waiting(SaleId saleId) {
        return postgres.query("count dead letters of " + saleId, WAITING, Tuple.of(saleId.value()))
                .map(rows -> rows.iterator().next().getLong("waiting"));
    }

    /**
     * Records what the letter says, once, as the recorder would have done at its place: what the books have already, in a later state of
     * the same reservation, changes nothing. One transaction does it, with its line in the audit trail, and resolves the letter's
     * incident. Where Redis has begun a new epoch since, and sells, the sale stops: Redis does not have what the books have then.
     *
     * @param action with its reason
     * @param mended to be recorded in the place of the entry; null for the entry as it is
     */
    public Future<LetterOutcome> replay(AdminAction action, long id, @Nullable String mended) {
        return change(action, id, (connection, letter) -> replay(connection, action, letter, mended));
    }

    /** Says that what the letter says is not wanted: nothing is recorded, and the letter's incident is resolved. */
    public Future<LetterOutcome> discard(AdminAction action, long id) {
        return change(action, id, (connection, letter) -> discard(connection, action, letter));
    }

    private interface Change {
        Future<LetterOutcome> of(SqlConnection connection, DeadLetter letter);
    }

    /** What is refused is rolled back. */
    private Future<LetterOutcome> change(AdminAction action, long id, Change change) {
        return postgres.inTransaction(
                        action.kind().word() + " " + id,
                        connection -> Incidents.lockOfLetter(connection, id)
                                .compose(
                                        locked -> connection.preparedQuery(LOCK).execute(Tuple.of(id)))
                                .compose(rows -> SaleRows.first(rows)
                                        .map(row -> change.of(connection, letter(row)))
                                        .orElseGet(() ->
                                                Future.failedFuture(new Refused(new LetterOutcome.NoSuchLetter()))))
                                .compose(outcome -> outcome instanceof LetterOutcome.Settled
                                        ? Future.succeededFuture(outcome)
                                        : Future.<LetterOutcome>failedFuture(new Refused(outcome))))
                .recover(failure -> refused(failure))
                .compose(this::told);
    }

    private static Future<LetterOutcome> refused(Throwable failure) {
        if (failure instanceof Refused refused) {
            return Future.succeededFuture(refused.outcome);
        }
        return switch (PgErrors.kindOf(failure)) {
            case TRANSIENT -> Future.failedFuture(failure);
            case PERMANENT -> Future.succeededFuture(new LetterOutcome.Unusable(PgErrors.told(failure)));
            case STOCK_VIOLATION -> Future.succeededFuture(new LetterOutcome.NotNow(PgErrors.told(failure)));
        };
    }

    /** This node is to know at once where the lane stopped. */
    private Future<LetterOutcome> told(LetterOutcome outcome) {
        return outcome instanceof LetterOutcome.Settled settled
                ? sales.refresh(new SaleId(settled.letter().saleId()))
                        .transform(done -> Future.succeededFuture(outcome))
                : Future.succeededFuture(outcome);
    }

    private Future<LetterOutcome> replay(
            SqlConnection connection, AdminAction action, DeadLetter letter, @Nullable String mended) {
        String wanted = mended == null || mended.equals(letter.entry()) ? null : mended;
        DeadLetter.Settlement before = letter.settlement();
        if (before != null && before.state() == DeadLetter.State.REPLAYED) {
            return Objects.equals(before.mendedEntry(), wanted)
                    ? settled(connection, letter, true)
                    : Future.succeededFuture(new LetterOutcome.SettledOtherwise(letter));
        }
        String text = wanted == null ? letter.entry() : wanted;
        LedgerEntry entry = reader.read(letter.place().seq(), text);
        if (entry instanceof LedgerEntry.Unreadable unreadable) {
            return Future.succeededFuture(new LetterOutcome.Unusable(unreadable.problem()));
        }
        return lane(connection, letter).compose(lane -> switch (lane.state()) {
            case "rebuilding" -> Future.succeededFuture(new LetterOutcome.Rebuilding());
            case "retired" ->
                Future.succeededFuture(new LetterOutcome.NotNow("the sale is over for good: its books are closed"));
            default -> replay(connection, action, new Replay(letter, wanted, entry, lane));
        });
    }

    private Future<LetterOutcome> replay(SqlConnection connection, AdminAction action, Replay replay) {
        return standing(connection, replay).compose(standing -> switch (standing) {
            case Standing.Known known -> settle(connection, action, replay, false);
            case Standing.Fresh fresh ->
                LedgerBook.replay(connection, replay.ofLetter(), replay.entry)
                        .compose(recorded -> endIncidentOfAdjustment(connection, replay))
                        .compose(ended -> stopWhereRedisHasAnotherLife(connection, replay))
                        .compose(stopped -> settle(connection, action, replay, true));
            case Standing.Impossible impossible -> Future.succeededFuture(new LetterOutcome.NotNow(impossible.why()));
        });
    }

    /** What the recorder would make of it now. */
    private static Future<Standing> standing(SqlConnection connection, Replay replay) {
        if (replay.entry instanceof Transition event) {
            return ofReservation(connection, replay, event);
        }
        if (!(replay.entry instanceof LedgerEntry.StockSet
                || replay.entry instanceof LedgerEntry.Adjusted
                || replay.entry instanceof LedgerEntry.Shrunk)) {
            return Future.succeededFuture(new Standing.Fresh());
        }
        if (replay.letter.place().epoch() != replay.lane.epoch()) {
            return Future.succeededFuture(new Standing.Impossible("the sale was rebuilt since, from books without this"
                    + " entry, and what admins decided about stock is sent to Redis again by itself: discard it"));
        }
        return known(connection, replay).map(known -> known ? new Standing.Known() : new Standing.Fresh());
    }

    private static Future<Standing> ofReservation(SqlConnection connection, Replay replay, Transition event) {
        Tuple key = Tuple.of(
                replay.letter.saleId(),
                Columns.time(event.heldAtMs()),
                event.id().value());
        return connection
                .preparedQuery(RECORDED)
                .execute(key)
                .map(rows -> standing(
                        SaleRows.first(rows).map(Succession.Standing::of).orElse(null), event));
    }

    private static Standing standing(Succession.@Nullable Standing recorded, Transition event) {
        long revision = recorded == null ? 0 : recorded.revision();
        if (event.revision() <= revision) {
            return new Standing.Known();
        }
        if (event.revision() != revision + 1) {
            return new Standing.Impossible("it is revision " + event.revision()
                    + " of its reservation, and the books have revision " + revision
                    + ": replay what is between them first");
        }
        String why = Succession.whyNot(recorded, event);
        return why == null ? new Standing.Fresh() : new Standing.Impossible("reservation " + event.id() + ' ' + why);
    }

    private static Future<Boolean> known(SqlConnection connection, Replay replay) {
        Lane lane = replay.ofLetter();
        return switch (replay.entry) {
            case LedgerEntry.StockSet set ->
                exists(
                        connection,
                        IS_PUT_UP,
                        Tuple.of(lane.saleId().value(), lane.number(), set.sku().value()));
            case LedgerEntry.Adjusted adjusted ->
                exists(
                        connection,
                        IS_ADJUSTED,
                        Tuple.of(
                                adjusted.id(),
                                lane.saleId().value(),
                                lane.number(),
                                adjusted.sku().value(),
                                adjusted.number()));
            default -> Future.succeededFuture(false);
        };
    }

    private static Future<Boolean> exists(SqlConnection connection, String sql, Tuple arguments) {
        return connection
                .preparedQuery(sql)
                .execute(arguments)
                .map(rows -> rows.iterator().next().getBoolean("known"));
    }

    private static Future<Void> endIncidentOfAdjustment(SqlConnection connection, Replay replay) {
        return replay.entry instanceof LedgerEntry.Adjusted adjusted
                ? Incidents.over(
                        connection,
                        new SaleId(replay.letter.saleId()),
                        IncidentKind.ADJUSTMENT_NOT_RECORDED,
                        adjusted.sku().value(),
                        "its entry was replayed: dead letter " + replay.letter.id())
                : Future.succeededFuture();
    }

    private static Future<Void> stopWhereRedisHasAnotherLife(SqlConnection connection, Replay replay) {
        if (replay.letter.place().epoch() == replay.lane.epoch()) {
            return Future.succeededFuture();
        }
        Lane now = replay.lane.lane();
        return connection
                .preparedQuery(STOP)
                .execute(Tuple.of(
                        now.saleId().value(),
                        now.number(),
                        now.epoch(),
                        "dead letter " + replay.letter.id() + " was replayed: Redis does not have what it says"))
                .mapEmpty();
    }

    private static Future<LetterOutcome> settle(
            SqlConnection connection, AdminAction action, Replay replay, boolean tookEffect) {
        return settle(connection, action, replay.letter, DeadLetter.State.REPLAYED, replay.mended, tookEffect);
    }

    private static Future<LetterOutcome> discard(SqlConnection connection, AdminAction action, DeadLetter letter) {
        return switch (letter.state()) {
            case WAITING -> settle(connection, action, letter, DeadLetter.State.DISCARDED, null, false);
            case DISCARDED -> settled(connection, letter, true);
            case REPLAYED -> Future.succeededFuture(new LetterOutcome.SettledOtherwise(letter));
        };
    }

    private static Future<LetterOutcome> settle(
            SqlConnection connection,
            AdminAction action,
            DeadLetter letter,
            DeadLetter.State state,
            @Nullable String mended,
            boolean tookEffect) {
        String actor = action.author().actor();
        String reason = Objects.requireNonNullElse(action.reason(), "");
        SaleId saleId = new SaleId(letter.saleId());
        return connection
                .preparedQuery(SETTLE)
                .execute(Tuple.of(letter.id(), word(state), mended, tookEffect, actor, reason))
                .map(rows -> letter(rows.iterator().next()))
                .compose(after -> AdminActions.add(
                                connection, action, saleId, Long.toString(letter.id()), told(letter), told(after))
                        .compose(noted -> Incidents.settledLetter(connection, letter.id(), actor, reason))
                        .compose(resolved -> settled(connection, after, false)));
    }

    /** With what to do next, as the sale stands in this transaction. */
    private static Future<LetterOutcome> settled(SqlConnection connection, DeadLetter letter, boolean again) {
        return connection
                .preparedQuery(NEXT)
                .execute(Tuple.of(letter.saleId(), 0))
                .map(rows -> rows.iterator().next())
                .map(row -> new LetterOutcome.Settled(
                        letter, again, next(letter.saleId(), row.getString("state"), row.getLong("waiting"))));
    }

    private static NextStep next(String saleId, String laneState, long waiting) {
        if (laneState.equals("open") || laneState.equals("retired")) {
            return new NextStep("Nothing: the sale is not stopped.", null);
        }
        if (waiting > 0) {
            return new NextStep(
                    "The sale does not sell. " + waiting
                            + " more dead letters of it wait: replay or discard each of them.",
                    "GET /v1/admin/dead-letters?saleId=" + saleId + "&state=waiting");
        }
        return laneState.equals("rebuilding")
                ? new NextStep("Wait for the rebuild.", "GET /v1/admin/sales/" + saleId + "/rebuild")
                : new NextStep(
                        "The sale does not sell. Ask for a rebuild: it records what Redis still has, compares both sides, and opens"
                                + " the sale where they add up.",
                        "POST /v1/admin/sales/" + saleId + "/rebuild {\"reason\":\"its dead letters are settled\"}");
    }

    private static Future<LaneNow> lane(SqlConnection connection, DeadLetter letter) {
        return connection
                .preparedQuery(LOCK_LANE)
                .execute(Tuple.of(letter.saleId(), 0))
                .map(rows -> rows.iterator().next())
                .map(row -> new LaneNow(
                        new Lane(new SaleId(letter.saleId()), 0, row.getLong("epoch")), row.getString("state")));
    }

    private static JsonObject told(DeadLetter letter) {
        JsonObject told = new JsonObject()
                .put("state", word(letter.state()))
                .put("position", letter.place().toString())
                .put("reservationId", letter.reservationId())
                .put("entry", letter.entry());
        DeadLetter.Settlement settlement = letter.settlement();
        if (settlement != null) {
            told.put("mendedEntry", settlement.mendedEntry()).put("tookEffect", settlement.tookEffect());
        }
        return told;
    }

    private static String word(DeadLetter.State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    private static DeadLetter letter(Row row) {
        Long settledAtMs = Columns.msOrNull(row.getOffsetDateTime("settled_at"));
        return new DeadLetter(
                row.getLong("dead_letter_id"),
                row.getString("sale_id"),
                new LedgerPlace(row.getLong("epoch"), row.getLong("seq")),
                row.getString("reservation_id"),
                row.getString("entry"),
                row.getString("problem"),
                row.getBoolean("stops_lane"),
                Columns.ms(row.getOffsetDateTime("recorded_at")),
                settledAtMs == null
                        ? null
                        : new DeadLetter.Settlement(
                                DeadLetter.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                                row.getString("mended_entry"),
                                Boolean.TRUE.equals(row.getBoolean("took_effect")),
                                settledAtMs,
                                row.getString("settled_by"),
                                row.getString("settled_reason")));
    }

    /** What an entry would come to in the books as they are. */
    private sealed interface Standing {

        /** The books have it, or what came after it. */
        record Known() implements Standing {}

        /** It comes next. */
        record Fresh() implements Standing {}

        /** It cannot be taken now. */
        record Impossible(String why) implements Standing {}
    }

    private record LaneNow(Lane lane, String state) {

        long epoch() {
            return lane.epoch();
        }
    }

    private record Replay(DeadLetter letter, @Nullable String mended, LedgerEntry entry, LaneNow lane) {

        /** The lane in the epoch in which it happened. */
        Lane ofLetter() {
            return new Lane(
                    new SaleId(letter.saleId()),
                    lane.lane().number(),
                    letter.place().epoch());
        }
    }

    /** Carries an answer out of the transaction, which changes nothing then. */
    private static final class Refused extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final transient LetterOutcome outcome;

        Refused(LetterOutcome outcome) {
            super(outcome.toString(), null, false, false);
            this.outcome = outcome;
        }
    }
}
