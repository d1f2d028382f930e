package dev.holdfast.redis;

import dev.holdfast.support.TestServers;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScriptTimesTry {
    RedisCommands<String, String> redis;
    RedisSeed seed;
    static final Scripts SCRIPTS = Scripts.bundled();
    int names = Integer.getInteger("names", 128);

    String name(String prefix, int i) {
        StringBuilder b = new StringBuilder();
        String digits = prefix + String.format("%05d", i);
        if (names < 100) { while (b.length() + digits.length() < names) b.append('x'); return b + digits; }
        for (int k = digits.length(); k < names; k++) b.appendCodePoint(0x1D49C);
        for (char c : digits.toCharArray()) b.appendCodePoint(c >= '0' && c <= '9' ? 0x1D7CE + c - '0' : 0x1D400 + (c - 'A'));
        return b.toString();
    }

    Object call(Script script, List<String> args) {
        List<String> argv = new ArrayList<>(List.of("" + seed.lane.epoch()));
        argv.addAll(args);
        return redis.eval(SCRIPTS.text(script), ScriptOutputType.MULTI, seed.keys().inOrder(), argv.toArray(String[]::new));
    }

    long us(Script script, List<String> args) { return us(script, args, null); }
    long us(Script script, List<String> args, String expect) {
        redis.configResetstat();
        String answer = String.valueOf(call(script, args));
        if (expect != null && !answer.contains(expect)) throw new AssertionError(answer.substring(0, Math.min(300, answer.length())));
        String s = redis.info("commandstats");
        int at = s.indexOf("cmdstat_eval:");
        at = s.indexOf("usec=", at) + 5;
        return Long.parseLong(s.substring(at, s.indexOf(',', at)));
    }
    String calibration = """
        local n = 0
        local t = {}
        for i = 1, 2000 do
          local s = string.format('%d', i) .. '|available'
          t[s] = (t[s] or 0) + i
          for a, b in string.gmatch('SKU-1 2 SKU-2 3', '(%S+) (%d+)') do n = n + b end
        end
        for i = 1, 2000 do redis.call('HINCRBY', KEYS[1], 'f', 1) end
        return n
        """;
    long calib() {
        redis.configResetstat();
        redis.eval(calibration, ScriptOutputType.INTEGER, new String[] {"calib"});
        String s = redis.info("commandstats");
        int at = s.indexOf("cmdstat_eval:");
        at = s.indexOf("usec=", at) + 5;
        return Long.parseLong(s.substring(at, s.indexOf(',', at)));
    }

    void report(String what, java.util.function.IntToLongFunction run) {
        long min = Long.MAX_VALUE; long c = Long.MAX_VALUE;
        for (int i = 0; i < 6; i++) { c = Math.min(c, calib()); min = Math.min(min, run.applyAsLong(i)); }
        System.out.printf("RES %-40s %7d us   calib %d ratio %.2f%n", what, min, c, min / (double) c);
    }
    int nextKey;
    String key() { return String.format("reservation-%018d", ++nextKey); }
    List<String> lines(int first, int n) {
        return null;
    }
    String lineText(int first, int n, int q) {
        StringBuilder b = new StringBuilder();
        for (int i = 0; i < n; i++) b.append(i == 0 ? "" : " ").append(name("S", (first + i) % skus)).append(' ').append(q);
        return b.toString();
    }
    int skus = Integer.getInteger("skus", 2000);

    List<String> holdArgs(List<String> keys, int carts, int lines, int customers, int q, int holdMs) {
        List<String> args = new ArrayList<>();
        for (int i = 0; i < carts; i++) {
            String key = key(); keys.add(key);
            args.addAll(List.of(key, name("C", customers + i), "Zm9vZm9vZm9vZm9vZm9vZm9v", "" + holdMs, lineText(i * lines, lines, q)));
        }
        return args;
    }
    List<String> meant(List<String> keys) {
        List<String> args = new ArrayList<>();
        keys.forEach(k -> args.addAll(List.of(k, "0")));
        return args;
    }

    @Test
    void times() {
        try (RedisRoom room = RedisRoom.at(TestServers.ownRedis("appendonly no", "save \"\"").uri())) {
            redis = room.look();
            seed = RedisSeed.openSale(room);
            for (int i = 0; i < skus; i += 50) {
                List<String> args = new ArrayList<>();
                for (int k = i; k < Math.min(i + 50, skus); k++) args.addAll(List.of(name("S", k), "1", "1000000000", "0", name("P", k / 50)));
                call(Script.SET_STOCK, args);
            }
            for (int[] c : new int[][] {{1, 1}, {50, 1}, {50, 3}, {10, 20}, {20, 20}, {50, 20}}) {
                List<List<String>> batches = new ArrayList<>();
                report("hold " + c[0] + "x" + c[1], i -> { List<String> k = new ArrayList<>(); long t = us(Script.HOLD, holdArgs(k, c[0], c[1], i * 50, 1, 0), "HELD"); batches.add(k); return t; });
                report("confirm " + c[0] + "x" + c[1], i -> us(Script.CONFIRM, meant(batches.get(i)), "CONFIRMED"));
                batches.clear();
                report("hold2 " + c[0] + "x" + c[1], i -> { List<String> k = new ArrayList<>(); long t = us(Script.HOLD, holdArgs(k, c[0], c[1], i * 50, 1, 0), "HELD"); batches.add(k); return t; });
                report("release " + c[0] + "x" + c[1], i -> us(Script.RELEASE, meant(batches.get(i)), "RELEASED"));
            }
            for (int[] c : new int[][] {{100, 1}, {100, 3}, {25, 20}, {50, 20}, {95, 20}}) {
                report("expire " + c[0] + "x" + c[1], i -> {
                    List<String> k = new ArrayList<>();
                    for (int n = 0; n < c[0]; n += 25) call(Script.HOLD, shifted(k, Math.min(25, c[0] - n), c[1], n));
                    seed.advance(java.time.Duration.ofMillis(RedisSeed.HOLD_MS));
                    return us(Script.EXPIRE, List.of("100"), "SWEPT, " + c[0]);
                });
            }
            report("short 50x20", i -> us(Script.HOLD, holdArgs(new ArrayList<>(), 50, 20, i * 50, 100000, 0), null));
            report("audit " + skus, i -> us(Script.AUDIT, List.of("audit-" + i)));
            report("set_stock 50 rules", i -> {
                List<String> args = new ArrayList<>();
                for (int k = 0; k < 50; k++) args.addAll(List.of(name("S", k * 7), "" + (i + 2), "10", "0", name("P", k + i)));
                return us(Script.SET_STOCK, args, "APPLIED");
            });
            report("set_stock 50 new", i -> {
                List<String> args = new ArrayList<>();
                for (int k = 0; k < 50; k++) args.addAll(List.of(name("N", i * 50 + k), "1", "10", "0", name("P", k)));
                return us(Script.SET_STOCK, args, "APPLIED");
            });
            report("info memory", i -> {
                redis.configResetstat();
                redis.eval("return redis.call('INFO', 'memory')", ScriptOutputType.VALUE, new String[] {"x"});
                String s = redis.info("commandstats");
                int at = s.indexOf("cmdstat_eval:");
                at = s.indexOf("usec=", at) + 5;
                return Long.parseLong(s.substring(at, s.indexOf(',', at)));
            });
            System.out.println(redis.info("commandstats").lines().filter(l -> l.contains("evalsha")).toList());
        }
    }
    List<String> shifted(List<String> keys, int carts, int lines, int n) {
        List<String> args = new ArrayList<>();
        for (int i = 0; i < carts; i++) {
            String key = key(); keys.add(key);
            args.addAll(List.of(key, name("C", n + i), "Zm9vZm9vZm9vZm9vZm9vZm9v", "0", lineText((n + i) * lines, lines, 1)));
        }
        return args;
    }
}
