package dev.holdfast.comparison.design;

import io.vertx.core.Vertx;
import java.util.List;
import java.util.Locale;

/** The designs that run behind our facade, from the bare answer to the last lock. */
public enum Peer {
    BARE("ceiling: bare answer", ""),
    SUM_UNDER_ROW_LOCK("(a) PL/pgSQL, FOR UPDATE, sum of active", "/sum-under-row-lock.sql"),
    OPTIMISTIC_UNDER_SET_NX("(b) SET NX, optimistic UPDATE", "/due-holds.sql"),
    CONDITIONAL_UPDATE("(c) conditional UPDATE", "/due-holds.sql"),
    READ_MODIFY_WRITE_UNDER_RLOCK("(d) RLock, read-modify-write", "/due-holds.sql");

    private final String title;
    private final String own;

    Peer(String title, String own) {
        this.title = title;
        this.own = own;
    }

    /** Its name in tables. */
    public String title() {
        return title;
    }

    /** Resources with the SQL that its database starts with. */
    public List<String> schema() {
        return own.isEmpty() ? List.of() : List.of("/tables.sql", own);
    }

    /** Its name on a command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Opens it on these servers, which already have its schema. */
    public Design open(Vertx vertx, String postgresUri, String redisUri) {
        return switch (this) {
            case BARE -> new BareAnswer();
            case SUM_UNDER_ROW_LOCK -> new SumUnderRowLock(vertx, postgresUri);
            case OPTIMISTIC_UNDER_SET_NX -> new OptimisticUpdateUnderSetNx(vertx, postgresUri, redisUri);
            case CONDITIONAL_UPDATE -> new ConditionalUpdate(vertx, postgresUri);
            case READ_MODIFY_WRITE_UNDER_RLOCK -> new ReadModifyWriteUnderRLock(vertx, postgresUri, redisUri);
        };
    }
}
