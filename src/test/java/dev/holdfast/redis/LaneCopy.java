package dev.holdfast.redis;

import io.lettuce.core.Range;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Keeps the six keys of a lane as they are at one moment, to put them back as often as wanted. */
final class LaneCopy {

    private final RedisCommands<String, String> redis;
    private final String[] keys;
    private final List<byte[]> dumps = new ArrayList<>();

    private LaneCopy(RedisCommands<String, String> redis, String... keys) {
        this.redis = redis;
        this.keys = keys;
        for (String key : keys) {
            dumps.add(redis.dump(key));
        }
    }

    static LaneCopy of(RedisSeed seed) {
        return new LaneCopy(seed.room.look(), seed.keys().inOrder());
    }

    void restore() {
        redis.del(keys);
        for (int i = 0; i < keys.length; i++) {
            byte[] dump = dumps.get(i);
            if (dump != null) {
                redis.restore(keys[i], 0, dump);
            }
        }
    }

    /** What the six keys hold now, for people and for comparison; a key that is not there is empty. */
    static Map<String, Object> contents(RedisSeed seed) {
        RedisCommands<String, String> redis = seed.room.look();
        LaneKeys keys = seed.keys();
        Map<String, Object> contents = new TreeMap<>();
        for (String hash : List.of(keys.sale(), keys.stock(), keys.buyers(), keys.holds())) {
            contents.put(hash, new TreeMap<>(redis.hgetall(hash)));
        }
        contents.put(keys.due(), redis.zrangeWithScores(keys.due(), 0, -1).toString());
        contents.put(
                keys.ledger(),
                redis.xrange(keys.ledger(), Range.unbounded()).stream()
                        .map(entry -> entry.getId() + " " + entry.getBody())
                        .toList());
        return contents;
    }
}
