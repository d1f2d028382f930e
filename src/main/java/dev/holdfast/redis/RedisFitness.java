package dev.holdfast.redis;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Tells whether this Redis keeps what it is given, and how much it can take. */
public final class RedisFitness {

    private static final int OLDEST_MAJOR_VERSION = 7;

    private final PinnedRedis redis;

    /** The connection must be made before it is asked. */
    public RedisFitness(PinnedRedis redis) {
        this.redis = redis;
    }

    /** What is wrong with it; empty where it is as it should be. Fails with Unavailable while Redis is away. */
    public Future<List<Finding>> check() {
        return info().compose(info -> config().map(config -> findings(info, config)));
    }

    /** How much memory it has. Fails with Unavailable while Redis is away. */
    public Future<RedisMemory> memory() {
        return info().map(info -> new RedisMemory(
                bytes(info.get("used_memory")), bytes(info.get("maxmemory")), bytes(info.get("total_system_memory"))));
    }

    private Future<Map<String, String>> info() {
        return redis.ask("asking Redis for its state", Effect.READS, commands -> commands.info())
                .map(RedisFitness::fields);
    }

    private static OptionalLong bytes(@Nullable String number) {
        return number == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(number));
    }

    /** Empty where Redis does not show its configuration, as managed ones do not. */
    private Future<Map<String, String>> config() {
        return redis.ask("asking Redis for its configuration", Effect.READS, commands -> commands.configGet("append*"))
                .otherwise(Map.of());
    }

    private static List<Finding> findings(Map<String, String> info, Map<String, String> config) {
        List<Finding> findings = new ArrayList<>();
        checkVersion(info.get("redis_version"), findings);
        checkRole(info.get("role"), findings);
        checkEviction(info.get("maxmemory_policy"), findings);
        checkPersistence(info.get("aof_enabled"), findings);
        checkSync(info.get("aof_enabled"), config.get("appendfsync"), findings);
        return findings;
    }

    private static void checkVersion(@Nullable String version, List<Finding> findings) {
        if (version == null) {
            findings.add(
                    Finding.warn("redis-version-unknown", "Redis does not tell its version: 7.0 or newer is needed."));
        } else if (Integer.parseInt(version.split("\\.", -1)[0]) < OLDEST_MAJOR_VERSION) {
            findings.add(Finding.refuse(
                    "redis-too-old", "Redis is version " + version + ", and 7.0 or newer is needed for script flags."));
        }
    }

    private static void checkRole(@Nullable String role, List<Finding> findings) {
        if (role != null && !role.equals("master")) {
            findings.add(Finding.refuse(
                    "redis-is-replica", "Redis is a replica (role " + role + "): connect to the master."));
        }
    }

    private static void checkEviction(@Nullable String policy, List<Finding> findings) {
        if (policy == null) {
            findings.add(Finding.warn(
                    "redis-eviction-unknown",
                    "Redis does not tell its maxmemory-policy: it must be noeviction, or stock is lost."));
        } else if (!policy.equals("noeviction")) {
            findings.add(Finding.refuse(
                    "redis-evicts",
                    "Redis may evict stock when memory is full: maxmemory-policy is " + policy
                            + " and must be noeviction."));
        }
    }

    private static void checkPersistence(@Nullable String aofEnabled, List<Finding> findings) {
        if (aofEnabled == null) {
            findings.add(Finding.warn(
                    "redis-persistence-unknown", "Redis does not tell whether it persists: appendonly must be yes."));
        } else if (!aofEnabled.equals("1")) {
            findings.add(Finding.refuse(
                    "redis-not-durable",
                    "Redis forgets reservations when it restarts: appendonly is no and must be yes."));
        }
    }

    private static void checkSync(@Nullable String aofEnabled, @Nullable String sync, List<Finding> findings) {
        if ("0".equals(aofEnabled)) {
            return;
        }
        if (sync == null) {
            findings.add(Finding.warn(
                    "redis-sync-unknown",
                    "Redis does not show its configuration, so appendfsync could not be checked: only"
                            + " always keeps every acknowledged reservation through a power loss."));
        } else if (!sync.equals("always")) {
            findings.add(Finding.warn(
                    "redis-sync-late",
                    "Redis may lose acknowledged reservations on a power loss: appendfsync is " + sync
                            + ", and only always keeps them."));
        }
    }

    static Map<String, String> fields(String info) {
        Map<String, String> fields = new HashMap<>();
        info.lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        });
        return fields;
    }

    /** How much it matters. */
    public enum Severity {
        /** Nothing should be sold on it. */
        REFUSE,
        /** Somebody should know. */
        WARN
    }

    /** One thing that is wrong, as a word for programs and a sentence for people. */
    public record Finding(Severity severity, String code, String text) {

        static Finding refuse(String code, String text) {
            return new Finding(Severity.REFUSE, code, text);
        }

        static Finding warn(String code, String text) {
            return new Finding(Severity.WARN, code, text);
        }
    }
}
