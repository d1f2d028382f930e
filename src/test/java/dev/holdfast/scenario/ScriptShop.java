package dev.holdfast.scenario;

import dev.holdfast.redis.Script;
import dev.holdfast.redis.Scripts;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The scripts themselves, without a service in front: the fastest way to ask a lane much in a short time. */
final class ScriptShop implements Shop {

    static final String EPOCH = "1";

    private final RedisCommands<String, String> redis;
    private final Scripts scripts;
    private final LaneReader lane;

    ScriptShop(RedisCommands<String, String> redis, Scripts scripts, LaneReader lane) {
        this.redis = redis;
        this.scripts = scripts;
        this.lane = lane;
        for (Script script : Script.values()) {
            redis.scriptLoad(scripts.text(script));
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

    /** Runs any script of the lane. */
    List<String> run(Script script, List<String> arguments) {
        List<String> all = new ArrayList<>(arguments);
        all.addFirst(EPOCH);
        return redis.evalsha(scripts.digest(script), ScriptOutputType.MULTI, lane.keys(), all.toArray(String[]::new));
    }

    private Answer hold(Ask.Hold hold) {
        String seconds = millis(hold.holdSeconds());
        String key = hold.key() == null ? UUID.randomUUID().toString() : hold.key();
        String id = hashed(hold.customer() + ' ' + key);
        List<String> arguments = new ArrayList<>();
        arguments.addAll(List.of(id, hold.customer(), hashed(seconds + ' ' + hold.lines()), seconds));
        addLines(arguments, hold.lines());
        return read(id, run(Script.HOLD, arguments));
    }

    private List<String> call(Ask.OnReservation verb) {
        return switch (verb) {
            case Ask.Confirm confirm -> run(Script.CONFIRM, meant(confirm.id()));
            case Ask.Release release -> run(Script.RELEASE, meant(release.id()));
            case Ask.Extend extend -> run(Script.EXTEND, with(meant(extend.id()), millis(extend.holdSeconds())));
            case Ask.Replace replace -> {
                List<String> arguments = new ArrayList<>(meant(replace.id()));
                addLines(arguments, replace.lines());
                yield run(Script.REPLACE, arguments);
            }
            case Ask.Find find -> run(Script.FIND, meant(find.id()));
        };
    }

    /** Key and moment of a reservation, as the scripts take them. */
    private static List<String> meant(String id) {
        String moment = id.substring(LedgerLine.KEY_LENGTH);
        return List.of(id.substring(0, LedgerLine.KEY_LENGTH), Long.toString(Long.parseLong(moment, 36)));
    }

    private static List<String> with(List<String> arguments, String last) {
        List<String> all = new ArrayList<>(arguments);
        all.add(last);
        return all;
    }

    private static String millis(@Nullable Integer seconds) {
        return seconds == null ? "0" : Integer.toString(seconds * 1000);
    }

    private static void addLines(List<String> arguments, Lines lines) {
        lines.bySku().forEach((sku, quantity) -> {
            arguments.add(sku);
            arguments.add(quantity.toString());
        });
    }

    private static String hashed(String text) {
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8))
                .toString()
                .substring(0, LedgerLine.KEY_LENGTH);
    }

    private static Answer read(String id, List<String> reply) {
        return switch (reply.getFirst()) {
            case "HELD", "CONFIRMED", "RELEASED", "EXTENDED", "REPLACED", "FOUND" ->
                new Answer.Done(shown(id, reply), false);
            case "REPLAYED" -> new Answer.Done(shown(id, reply), true);
            case "ENDED" -> new Answer.Refused("reservation-" + shown(id, reply).state());
            case "KEY_REUSED" -> new Answer.Refused("idempotency-key-reused");
            case "NOT_FOUND" -> new Answer.Refused("reservation-not-found");
            case "OUT_OF_STOCK" -> new Answer.Refused("out-of-stock", shortages(reply));
            case "PURCHASE_LIMIT" -> new Answer.Refused("purchase-limit", limit(reply));
            case "SALE_PAUSED" -> new Answer.Refused("sale-paused");
            case "MORE_DUE" -> new Answer.Refused("overloaded");
            default -> throw new IllegalStateException("an unexpected reply: " + reply);
        };
    }

    /** From now_ms, recorded, packed hold; a hold that is due counts as expired. */
    private static Answer.Shown shown(String id, List<String> reply) {
        long nowMs = Long.parseLong(reply.get(1));
        String[] packed = reply.get(3).split(" ", 9);
        long expiresAtMs = Long.parseLong(packed[4]);
        String state = switch (packed[0]) {
            case "H" -> nowMs < expiresAtMs ? "held" : "expired";
            case "C" -> "confirmed";
            case "R" -> "released";
            default -> "expired";
        };
        return new Answer.Shown(
                LedgerLine.idOf(id.substring(0, LedgerLine.KEY_LENGTH), Long.parseLong(packed[3])),
                packed[7],
                state,
                Lines.parse(packed[8]),
                Long.parseLong(packed[3]),
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
