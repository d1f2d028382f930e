package dev.holdfast.scenario;

import dev.holdfast.redis.Script;
import dev.holdfast.redis.Scripts;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The scripts themselves, without a service in front: the fastest way to ask a lane much in a short time. */
final class ScriptShop implements Shop {

    private static final String ANY_REVISION = "0";

    static final String EPOCH = "1";

    /** Of a caller that knows of nothing yet. */
    private static final String PLACE = EPOCH + "-0";

    private final RedisCommands<String, String> redis;
    private final Scripts scripts;
    private final LaneReader lane;
    private final Map<Script, Combining> combining = new EnumMap<>(Script.class);

    ScriptShop(RedisCommands<String, String> redis, Scripts scripts, LaneReader lane) {
        this.redis = redis;
        this.scripts = scripts;
        this.lane = lane;
        for (Script script : Script.values()) {
            redis.scriptLoad(scripts.text(script));
        }
        for (Script script : List.of(Script.HOLD, Script.CONFIRM, Script.RELEASE)) {
            combining.put(script, new Combining(arguments -> evaluate(script, arguments)));
        }
    }

    @Override
    public Answer ask(Ask ask, Fault fault) {
        if (fault == Fault.REQUEST_CUT) {
            return new Answer.Unknown("the request was cut");
        }
        Answer answer = switch (ask) {
            case Ask.Hold hold -> hold(hold);
            case Ask.OnReservation verb -> read(verb.id(), call(verb));
        };
        return fault == Fault.REPLY_LOST ? new Answer.Unknown("the reply was lost") : answer;
    }

    @Override
    public void close() {}

    /** Runs any script of the lane; one that takes many with what others ask meanwhile. */
    List<String> run(Script script, List<String> arguments) {
        Combining combined = combining.get(script);
        return combined == null ? evaluate(script, arguments) : combined.ask(arguments);
    }

    private <T> List<T> evaluate(Script script, List<String> arguments) {
        List<String> all = new ArrayList<>(arguments);
        all.addFirst(PLACE);
        return redis.evalsha(scripts.digest(script), ScriptOutputType.MULTI, lane.keys(), all.toArray(String[]::new));
    }

    private Answer hold(Ask.Hold hold) {
        String seconds = millis(hold.holdSeconds());
        String key = hold.key() == null ? UUID.randomUUID().toString() : hold.key();
        String id = hashed(hold.customer() + ' ' + key);
        List<String> arguments = new ArrayList<>();
        arguments.addAll(List.of(id, hold.customer(), hashed(seconds + ' ' + hold.lines()), seconds));
        arguments.add(hold.lines().toString());
        return read(id, run(Script.HOLD, arguments));
    }

    private List<String> call(Ask.OnReservation verb) {
        return switch (verb) {
            case Ask.Confirm confirm -> run(Script.CONFIRM, meant(confirm.id()));
            case Ask.Release release -> run(Script.RELEASE, meant(release.id()));
            case Ask.Extend extend ->
                run(Script.EXTEND, with(meant(extend.id()), millis(extend.holdSeconds()), ANY_REVISION));
            case Ask.Replace replace ->
                run(Script.REPLACE, with(meant(replace.id()), replace.lines().toString(), ANY_REVISION));
            case Ask.Find find -> run(Script.FIND, meant(find.id()));
        };
    }

    /** Key and moment of a reservation, as the scripts take them. */
    private static List<String> meant(String id) {
        String moment = id.substring(LedgerLine.KEY_LENGTH);
        return List.of(id.substring(0, LedgerLine.KEY_LENGTH), Long.toString(Long.parseLong(moment, 36)));
    }

    private static List<String> with(List<String> arguments, String... last) {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of(last));
        return all;
    }

    private static String millis(@Nullable Integer seconds) {
        return seconds == null ? "0" : Integer.toString(seconds * 1000);
    }

    private static String hashed(String text) {
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8))
                .toString()
                .substring(0, LedgerLine.KEY_LENGTH);
    }

    private static Answer read(String id, List<String> reply) {
        return switch (reply.getFirst()) {
            case "HELD" -> new Answer.Done(justHeld(id, reply.get(1)), false);
            case "CONFIRMED", "RELEASED", "EXTENDED", "REPLACED", "FOUND" -> new Answer.Done(shown(id, reply), false);
            case "REPLAYED" -> new Answer.Done(shown(id, reply), true);
            case "ENDED" -> new Answer.Refused("reservation-" + shown(id, reply).state());
            case "KEY_REUSED" -> new Answer.Refused("idempotency-key-reused");
            case "NOT_FOUND" -> new Answer.Refused("reservation-not-found");
            case "OUT_OF_STOCK" -> new Answer.Refused("out-of-stock", shortages(reply));
            case "PURCHASE_LIMIT" -> new Answer.Refused("purchase-limit", limit(reply));
            case "SALE_PAUSED" -> new Answer.Refused("sale-paused");
            case "MORE_DUE" -> new Answer.Refused("overloaded");
            // Right scripts lose nothing here: a check finds it strange.
            case "LOST" -> new Answer.Refused("lost");
            default -> throw new IllegalStateException("an unexpected reply: " + reply);
        };
    }

    /** From now_ms, recorded, packed hold; a hold that is due counts as expired. */
    private static Answer.Shown shown(String id, List<String> reply) {
        return shown(id, Long.parseLong(reply.get(1)), reply.get(3).split(" ", 9));
    }

    private static Answer.Shown justHeld(String id, String hold) {
        String[] packed = hold.split(" ", 9);
        return shown(id, Long.parseLong(packed[4]), packed);
    }

    private static Answer.Shown shown(String id, long nowMs, String[] packed) {
        long heldAtMs = Long.parseLong(packed[4]);
        long expiresAtMs = heldAtMs + Long.parseLong(packed[5]);
        String state = switch (packed[0]) {
            case "H" -> nowMs < expiresAtMs ? "held" : "expired";
            case "C" -> "confirmed";
            case "R" -> "released";
            default -> "expired";
        };
        return new Answer.Shown(
                LedgerLine.idOf(id.substring(0, LedgerLine.KEY_LENGTH), heldAtMs),
                packed[7],
                state,
                Lines.parse(packed[8]),
                heldAtMs,
                expiresAtMs,
                state.equals("held") ? expiresAtMs - nowMs : 0);
    }

    private static Answer.Detail shortages(List<String> reply) {
        List<Answer.Shortage> shortages = new ArrayList<>();
        int count = Integer.parseInt(reply.get(3));
        for (int i = 4; i < 4 + count * 4; i += 4) {
            long available = Long.parseLong(reply.get(i + 2));
            long held = Long.parseLong(reply.get(i + 3));
            long requested = Long.parseLong(reply.get(i + 1));
            shortages.add(new Answer.Shortage(reply.get(i), requested, available, held, available == 0 && held == 0));
        }
        return new Answer.Detail(shortages, 0, 0, null);
    }

    private static Answer.Detail limit(List<String> reply) {
        String sku = reply.size() > 3 ? reply.get(3) : null;
        return new Answer.Detail(List.of(), Long.parseLong(reply.get(1)), Long.parseLong(reply.get(2)), sku);
    }
}
