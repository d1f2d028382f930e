package dev.holdfast.redis;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One uninterrupted time in which one process is master of one history: while it lasts, Redis forgets nothing by itself. A master that
 * was a replica in between keeps its process and its clients' connections, and has the history of another; only its replication id tells.
 *
 * @param name equal for the same reign
 */
record Reign(String name) {

    /**
     * The reign that INFO tells of.
     *
     * @param connection names the connection that was asked: a Redis that does not tell, as some managed ones, is trusted for as long as
     *     that lasts
     */
    static Reign of(Map<String, String> info, String connection) {
        String process = info.get("run_id");
        String history = info.get("master_replid");
        return process == null || history == null ? new Reign(connection) : new Reign(process + ' ' + history);
    }

    /** Whether the one that was asked is a master; true where it does not tell. */
    static boolean isMaster(Map<String, String> info) {
        @Nullable String role = info.get("role");
        return role == null || role.equals("master");
    }
}
