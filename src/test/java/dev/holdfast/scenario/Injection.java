package dev.holdfast.scenario;

import static org.awaitility.Awaitility.await;

import dev.holdfast.dev.LocalRedis;
import dev.holdfast.support.RedisRoles;
import dev.holdfast.support.TestServers;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/** A fault that a storm survives: what it breaks, and mends again when somebody has met it. */
enum Injection {
    NODE_KILLED("a node is killed", Whose.ONE_NODE, Set.of("not-sent", "unknown")) {
        @Override
        void inject(FaultTown town, SaleStorm storm, int node) {
            long met = storm.history().count("not-sent");
            town.nodes.get(node).kill();
            await().until(() -> storm.history().count("not-sent") > met + 20);
            town.nodes.get(node).restart();
            town.nodes.get(node).awaitReady();
        }
    },
    NODE_ENDED("a node is ended and started", Whose.ONE_NODE, Set.of("not-sent", "unknown")) {
        @Override
        void inject(FaultTown town, SaleStorm storm, int node) {
            int code = town.nodes.get(node).end();
            if (code != 0) {
                throw new IllegalStateException("a node that was told to end answered " + code);
            }
            town.nodes.get(node).restart();
            town.nodes.get(node).awaitReady();
        }
    },
    NODE_FROZEN(
            "a node stands still",
            Whose.ONE_NODE,
            Set.of("not-sent", "unknown", "redis-unavailable", "overloaded", "postgres-unavailable")) {
        @Override
        void inject(FaultTown town, SaleStorm storm, int node) {
            Signals.stop(town.nodes.get(node).pid());
            try {
                long seq = storm.lane().lastSeq();
                // Longer than its lease: the other node takes its lanes.
                await().until(() -> town.books.recordedSeq(storm.saleId()) > seq);
            } finally {
                Signals.resume(town.nodes.get(node).pid());
            }
        }
    },
    REDIS_KILLED("Redis is killed", Whose.ALL, Set.of("redis-unavailable", "unknown", "overloaded")) {
        @Override
        void inject(FaultTown town, SaleStorm storm, int node) {
            long met = storm.history().count("redis-unavailable");
            town.redis.kill();
            await().until(() -> storm.history().count("redis-unavailable") > met + 20);
            town.redis.restart();
            town.awaitRedis();
        }
    },
    REDIS_FROZEN("Redis stands still", Whose.ALL, Set.of("redis-unavailable", "unknown", "overloaded")) {
        @Override
        void inject(FaultTown town, SaleStorm storm, int node) {
            long met = storm.history().count("unknown") + storm.history().count("overloaded");
            Signals.stop(town.redis.pid());
            try {
                await().until(() ->
                        storm.history().count("unknown") + storm.history().count("overloaded") > met + 10);
            } finally {
                Signals.resume(town.redis.pid());
            }
            town.awaitRedis();
        }
    },
    WAY_TO_REDIS_CUT("a node's connections to Redis break", Whose.SECOND_NODE, Codes.OF_REDIS) {
        @Override
        void inject(FaultTown town, SaleStorm storm, int node) {
            for (int times = 0; times < 5; times++) {
                long done = storm.history().count("done");
                town.secondsWay.cut();
                await().until(() -> storm.history().count("done") > done + 20);
            }
        }
    },
    ANSWERS_OF_REDIS_LOST("answers of Redis are lost on their way", Whose.SECOND_NODE, Codes.OF_REDIS) {
        @Override
        void inject(FaultTown town, SaleStorm storm, int node) {
            int swallowed = town.secondsWay.repliesSwallowed();
            town.secondsWay.mute();
            await().until(() -> town.secondsWay.repliesSwallowed() > swallowed + 3);
            town.secondsWay.cut();
        }
    },
    POSTGRES_KILLED("PostgreSQL is killed", Whose.ALL, Codes.OF_POSTGRES) {
        @Override
        void inject(FaultTown town, SaleStorm storm, int node) {
            town.postgres.kill();
            long done = storm.history().count("done");
            await().until(() -> storm.history().count("done") > done + 100);
            town.postgres.restart();
        }
    },
    POSTGRES_LOCKED("a table of PostgreSQL is locked", Whose.ALL, Codes.OF_POSTGRES) {
        @Override
        void inject(FaultTown town, SaleStorm storm, int node) throws SQLException {
            try (Connection locking = town.lockStock()) {
                long done = storm.history().count("done");
                await().until(() -> storm.history().count("done") > done + 200);
                locking.rollback();
            }
        }
    },
    POSTGRES_CONNECTIONS_ENDED("PostgreSQL ends all connections", Whose.ALL, Codes.OF_POSTGRES) {
        @Override
        void inject(FaultTown town, SaleStorm storm, int node) throws SQLException {
            town.endConnections();
        }
    },
    CLOCK_FORWARD("Redis's clock is set an hour forward", Whose.ALL, Set.of()) {
        @Override
        void inject(FaultTown town, SaleStorm storm, int node) {
            town.stepClockAndAwaitNotice(3_600);
        }
    },
    CLOCK_BACK("Redis's clock is set an hour back", Whose.ALL, Set.of()) {
        @Override
        void inject(FaultTown town, SaleStorm storm, int node) {
            town.stepClockAndAwaitNotice(-3_600);
        }
    },
    LANE_REBUILT("a healthy lane is rebuilt", Whose.ALL, Set.of("recovering", "unknown")) {
        @Override
        void inject(FaultTown town, SaleStorm storm, int node) {
            storm.rebuild(town.nodes.get(node).api());
        }
    },
    REDIS_EMPTIED("Redis is emptied, and the lane rebuilt", Whose.ALL, Codes.OF_A_LOSS) {
        @Override
        void inject(FaultTown town, SaleStorm storm, int node) {
            town.emptyRedis();
            storm.lostThePast();
            storm.awaitStopped();
            storm.rebuildAfterLoss(town.nodes.get(node).api());
        }
    },
    REDIS_DEMOTED("Redis is demoted to an older one and promoted, and the lane rebuilt", Whose.ALL, Codes.OF_A_LOSS) {
        @Override
        void inject(FaultTown town, SaleStorm storm, int node) {
            LocalRedis older = TestServers.ownRedis();
            try {
                RedisRoles.demote(older, town.redis);
                RedisRoles.promote(older);
                long seq = storm.lane().lastSeq();
                await().until(() -> town.books.recordedSeq(storm.saleId()) > seq);
                RedisRoles.demote(town.redis, older);
                RedisRoles.promote(town.redis);
                storm.lostThePast();
                storm.awaitStopped();
                storm.rebuildAfterLoss(town.nodes.get(node).api());
            } finally {
                older.stop();
            }
        }
    };

    /** Those after which what was told before, and not recorded, may be lost: each has a round of its own. */
    static final List<Injection> LOSSES = List.of(REDIS_EMPTIED, REDIS_DEMOTED);

    /** What buyers may be answered. */
    private static final class Codes {
        static final Set<String> OF_REDIS = Set.of("redis-unavailable", "unknown", "overloaded");

        /** They are not to notice but where Redis has forgotten what they ask for. */
        static final Set<String> OF_POSTGRES = Set.of("postgres-unavailable");

        static final Set<String> OF_A_LOSS =
                Set.of("recovering", "redis-unavailable", "unknown", "overloaded", "postgres-unavailable");
    }

    /** Whose answers a fault may spoil. */
    private enum Whose {
        ALL,
        ONE_NODE,
        SECOND_NODE
    }

    private final String told;
    private final Whose whose;

    @SuppressWarnings("ImmutableEnumChecker") // it is a copy that nobody can change
    private final Set<String> codes;

    Injection(String told, Whose whose, Set<String> codes) {
        this.told = told;
        this.whose = whose;
        this.codes = Set.copyOf(codes);
    }

    /** Breaks something, waits until it was met, and mends it. */
    abstract void inject(FaultTown town, SaleStorm storm, int node) throws SQLException;

    /** Injects it at this node, or where it can only be, and waits until all works again; the log has when. */
    void injectAndLog(FaultTown town, SaleStorm storm, int node, FaultLog faults) {
        int at = whose == Whose.SECOND_NODE ? 1 : node;
        FaultLog.Window window = faults.begin(told, whose == Whose.ALL ? FaultLog.ALL_NODES : at, codes);
        try {
            inject(town, storm, at);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot inject: " + told, e);
        }
        storm.awaitHealed();
        window.over();
    }
}
