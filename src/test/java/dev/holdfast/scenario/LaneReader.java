package dev.holdfast.scenario;

import dev.holdfast.support.BuyersHash;
import io.lettuce.core.Range;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads lane 0 of a sale from Redis, by the names of its keys in the design. */
final class LaneReader {

    private final RedisCommands<String, String> redis;
    private final String tag;

    LaneReader(RedisCommands<String, String> redis, String saleId) {
        this.redis = redis;
        this.tag = "hf:{" + saleId + "/0}:";
    }

    /** The six keys, in the order of every script. */
    String[] keys() {
        return new String[] {tag + "sale", tag + "stock", tag + "buyers", tag + "holds", tag + "due", tag + "ledger"};
    }

    /** The full name of one of its keys. */
    String key(String name) {
        return tag + name;
    }

    LaneState state() {
        Map<String, Double> due = new HashMap<>();
        Map<String, String> packed = redis.hgetall(tag + "holds");
        Map<String, String> holds = new HashMap<>();
        packed.forEach((key, hold) -> holds.put(id(key, hold), hold));
        redis.zrangeWithScores(tag + "due", 0, -1)
                .forEach(member -> due.put(id(member.getValue(), packed.get(member.getValue())), member.getScore()));
        return new LaneState(redis.hgetall(tag + "stock"), BuyersHash.units(redis.hgetall(tag + "buyers")), holds, due);
    }

    /** What the stream still has of the lane's present life: text by seq. */
    NavigableMap<Long, String> ledger() {
        NavigableMap<Long, String> entries = new TreeMap<>();
        Range<String> present = Range.from(Range.Boundary.including(epoch() + "-0"), Range.Boundary.unbounded());
        List<StreamMessage<String, String>> messages = redis.xrange(tag + "ledger", present);
        for (StreamMessage<String, String> message : messages) {
            entries.put(seq(message.getId()), message.getBody().get("e"));
        }
        return entries;
    }

    /** The seq of the last entry, trimmed or not. */
    long lastSeq() {
        List<Object> facts = redis.xinfoStream(tag + "ledger");
        return seq(facts.get(facts.indexOf("last-generated-id") + 1).toString());
    }

    private static String id(String key, @Nullable String packed) {
        return packed == null ? key : LedgerLine.idOf(key, Long.parseLong(packed.split(" ", 6)[4]));
    }

    private String epoch() {
        List<Object> facts = redis.xinfoStream(tag + "ledger");
        String last = facts.get(facts.indexOf("last-generated-id") + 1).toString();
        return last.substring(0, last.indexOf('-'));
    }

    private static long seq(String streamId) {
        return Long.parseLong(streamId.substring(streamId.indexOf('-') + 1));
    }
}
