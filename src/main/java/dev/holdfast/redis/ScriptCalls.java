package dev.holdfast.redis;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StaleLane;
import dev.holdfast.reservation.Suspects;
import dev.holdfast.reservation.Unavailable;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Calls scripts on lanes. To be used on the event loop of its connection. */
public final class ScriptCalls {

    /** A call decides at least the first of those for whom it is made: a request waits for this many calls at most. */
    private static final int MOST_CALLS = 60;

    private final PinnedRedis redis;
    private final Scripts scripts;
    private final Map<Script, Future<String>> loading = new EnumMap<>(Script.class);
    private final Witnesses witnesses;
    private final GatheredCalls gathered;

    /**
     * Any number of these may share a connection.
     *
     * @param witnesses the same for all connections of a node
     */
    public ScriptCalls(PinnedRedis redis, Scripts scripts, Witnesses witnesses) {
        this.redis = redis;
        this.scripts = scripts;
        this.witnesses = witnesses;
        gathered = new GatheredCalls(redis, this::callForMany);
        redis.onNewConnection(witnesses::lookAgain);
        redis.onOtherData(witnesses::doubtAll);
    }

    /** The connection that is used. */
    public PinnedRedis redis() {
        return redis;
    }

    /**
     * Calls the script with the lane's keys, its epoch and the arguments after it; a script that takes many at once may be called
     * for others with it. Fails with {@link StaleLane}; with {@link Unavailable}; with IllegalArgumentException where the script
     * calls an argument bad, and with IllegalStateException where its answer makes no sense: both are bugs of ours.
     */
    public Future<Reply> call(Script script, Lane lane, String... arguments) {
        Future<Reply> reply = script.takesMany()
                ? callWithOthers(MOST_CALLS, script, lane, arguments)
                : callForOne(script, lane, arguments);
        return reply.compose(answer -> understood(lane, answer, arguments));
    }

    /** A script puts off those for whom it would keep Redis too long: nothing was done for them. */
    private Future<Reply> callWithOthers(int callsLeft, Script script, Lane lane, String... arguments) {
        return gathered.call(script, lane, arguments)
                .compose(reply -> reply.word().equals("CALL_AGAIN")
                        ? callAgain(callsLeft - 1, script, lane, arguments)
                        : Future.succeededFuture(reply));
    }

    private Future<Reply> callAgain(int callsLeft, Script script, Lane lane, String... arguments) {
        return callsLeft > 0
                ? callWithOthers(callsLeft, script, lane, arguments)
                : Future.failedFuture(new Unavailable(
                        Unavailable.Reason.OVERLOADED,
                        script.fileName() + " has too much to do on lane " + lane,
                        null));
    }

    /** What this node knows of its lanes, over whichever connection. */
    public Witnesses witnesses() {
        return witnesses;
    }

    /** Notes, for the whole node, that Redis does not have the lane as it should be; answers the failure that says so. */
    StaleLane stale(Lane lane, String why) {
        witnesses.doubt(lane);
        return new StaleLane(lane, why);
    }

    private Future<Reply> callForOne(Script script, Lane lane, String... arguments) {
        long known = witnesses.known(lane);
        return send(script, lane, known, arguments).map(parts -> reply(script, parts, known));
    }

    private Future<List<Reply>> callForMany(Script script, Lane lane, String... arguments) {
        long known = witnesses.known(lane);
        return send(script, lane, known, arguments)
                .map(parts -> replies(script, parts, arguments.length / script.groupSize(), known));
    }

    private Future<List<Object>> send(Script script, Lane lane, long known, String... arguments) {
        String[] keys = LaneKeys.of(lane).inOrder();
        String[] argv = new String[arguments.length + 1];
        argv[0] = script.takesPlace() ? place(lane, known) : Long.toString(lane.epoch());
        System.arraycopy(arguments, 0, argv, 1, arguments.length);
        String what = script.fileName() + " on lane " + lane;
        return evaluate(what, script, keys, argv)
                .recover(failure -> failure instanceof RedisNoScriptException
                        ? load(script).compose(digest -> evaluate(what, script, keys, argv))
                        : Future.failedFuture(failure))
                .recover(failure -> this.<List<Object>>afterError(lane, failure))
                .onComplete(done -> noteChange(script, lane, done));
    }

    /** Either says that somebody else wrote to the lane. What it is finds out whoever compares the lane with the books next. */
    <T> Future<T> afterError(Lane lane, Throwable failure) {
        if (RedisFailures.isEntryRefused(failure)) {
            return Future.failedFuture(stale(lane, "the ledger ends behind its last entry"));
        }
        return Future.failedFuture(
                RedisFailures.isWrongType(failure)
                        ? stale(lane, "a key of it has another type: " + failure.getMessage())
                        : failure);
    }

    /** What failed may have been done all the same. */
    private void noteChange(Script script, Lane lane, AsyncResult<List<Object>> done) {
        if (!script.mayAppend() || (script == Script.EXPIRE && done.succeeded() && sweptNothing(done.result()))) {
            return;
        }
        witnesses.news().changed(lane);
        // Nobody knows whether a hold was made, or what the time of the lane is now.
        if (done.failed() || script == Script.SET_SALE) {
            witnesses.news().dueIn(lane, 0);
        }
    }

    private static boolean sweptNothing(List<Object> reply) {
        return reply.size() > 2 && "0".equals(reply.get(2));
    }

    /** What a script compares with the lane before it changes anything: include/open_lane.lua. */
    private String place(Lane lane, long known) {
        return lane.epoch() + "-" + known + witnesses.clock().evidence();
    }

    private Future<List<Object>> evaluate(String what, Script script, String[] keys, String[] argv) {
        return redis.send(
                what,
                script.effect(),
                commands -> commands.evalsha(scripts.digest(script), ScriptOutputType.MULTI, keys, argv));
    }

    /** After a restart of Redis every call misses its script: one of them loads it for all. */
    private Future<String> load(Script script) {
        Future<String> running = loading.get(script);
        if (running != null) {
            return running;
        }
        Future<String> load = redis.send(
                "loading " + script.fileName(), Effect.READS, commands -> commands.scriptLoad(scripts.text(script)));
        loading.put(script, load);
        return load.onComplete(done -> loading.remove(script));
    }

    /** Where the call as a whole is refused, that is the answer to each. */
    private static List<Reply> replies(Script script, List<Object> raw, int askers, long known) {
        if (raw.isEmpty() || !raw.getFirst().equals("DECIDED")) {
            return Collections.nCopies(askers, reply(script, raw, known));
        }
        List<Reply> replies = new ArrayList<>(raw.size() - 1);
        for (Object answer : raw.subList(1, raw.size())) {
            replies.add(reply(script, answer instanceof List<?> parts ? parts : List.of(answer), known));
        }
        return replies;
    }

    private static Reply reply(Script script, List<?> raw, long known) {
        List<String> parts = new ArrayList<>(raw.size());
        for (Object part : raw) {
            parts.add(String.valueOf(part));
        }
        return new Reply(script, parts, known);
    }

    private Future<Reply> understood(Lane lane, Reply reply, String... arguments) {
        Script script = reply.script();
        if (reply.size() == 0 || !script.replyWords().contains(reply.word())) {
            return Future.failedFuture(reply.unreadable());
        }
        return switch (reply.word()) {
            case "NO_LANE" -> Future.failedFuture(stale(lane, "Redis does not have it, or not what makes it one"));
            case "STALE_EPOCH" -> Future.failedFuture(stale(lane, "Redis has it under another epoch"));
            case "BEHIND" ->
                Future.failedFuture(
                        stale(lane, "the ledger ends at " + reply.text(1) + ", this node knows of " + reply.text(2)));
            case "LEDGER_DIFFERS" ->
                Future.failedFuture(stale(
                        lane,
                        "its last entry is " + lane.epoch() + "-" + reply.text(1)
                                + ", but the ledger ends with the entry " + reply.text(2)
                                + ": somebody else wrote that, or a script ended in the middle"));
            case "WRONG_TYPE" ->
                Future.failedFuture(
                        stale(lane, "somebody else wrote the key " + reply.text(1) + ": it is a " + reply.text(2)));
            case "UNREADABLE" -> unreadable(lane, reply, arguments);
            case "LOST" -> lost(lane, script, arguments);
            case "BAD_SETTING" -> badSetting(lane, reply.text(1));
            case "LEDGER_FULL" ->
                Future.failedFuture(new Unavailable(
                        Unavailable.Reason.OVERLOADED, "PostgreSQL is too far behind lane " + lane, null));
            case "BAD_ARGUMENT" ->
                Future.failedFuture(new IllegalArgumentException(
                        script.fileName() + " on lane " + lane + ": bad " + reply.text(1)));
            default -> Future.succeededFuture(reply);
        };
    }

    /** Only this reservation: the lane goes on for all others. It is looked into at once, and put back where PostgreSQL has it. */
    private Future<Reply> lost(Lane lane, Script script, String... arguments) {
        if (script == Script.HOLD) {
            suspectKeys(lane, arguments[0]);
        } else {
            ReservationId id = ReservationId.of(arguments[0], Long.parseLong(arguments[1]));
            witnesses
                    .suspects()
                    .add(id.isOfOneMoment() ? new Suspects.Lost(lane, id) : new Suspects.Hold(lane, arguments[0]));
        }
        return Future.failedFuture(new Unavailable(
                Unavailable.Reason.RECOVERING,
                Unavailable.RESERVATION_LOST,
                "lane " + lane + ": Redis lost the reservation of the key " + arguments[0],
                null));
    }

    /** While a secret is exchanged a hold is asked for under two keys, with a space between them: either may be the one. */
    private void suspectKeys(Lane lane, String keys) {
        for (String key : keys.split(" ", -1)) {
            witnesses.suspects().add(new Suspects.Hold(lane, key));
        }
    }

    /** The lane is whole: only what needs its settings has to wait until they are mended. */
    private <T> Future<T> badSetting(Lane lane, String name) {
        witnesses.suspects().add(new Suspects.Settings(lane));
        return Future.failedFuture(new Unavailable(
                Unavailable.Reason.RECOVERING,
                "The sale's setting " + name
                        + " was lost or cannot be read in Redis. Nothing is sold until it is repaired.",
                "lane " + lane + ": Redis lost the setting " + name + " or it cannot be read",
                null));
    }

    /** Only this reservation, or these SKUs: the lane goes on for all others. */
    private Future<Reply> unreadable(Lane lane, Reply reply, String... arguments) {
        List<String> skus = reply.script() == Script.ADJUST
                ? List.of(arguments[0])
                : reply.parts().subList(1, reply.size());
        if (skus.isEmpty()) {
            suspectKeys(lane, arguments[0]);
        }
        skus.forEach(sku -> witnesses.suspects().add(new Suspects.Counts(lane, new Sku(sku))));
        return Future.failedFuture(new Unavailable(
                Unavailable.Reason.RECOVERING,
                skus.isEmpty()
                        ? "Redis cannot read this reservation. It is put back as it was recorded."
                        : "The counts of " + String.join(", ", skus)
                                + " were lost or cannot be read in Redis. Other SKUs are sold; these are when they are repaired.",
                "lane " + lane + ": Redis has something unreadable under "
                        + (skus.isEmpty() ? "the key " + arguments[0] : "the counts of " + skus),
                null));
    }
}
