package dev.holdfast.scenario;

/** A bug in Java that a storm must find. */
enum PlantedBug {
    /** A lane is never compared with what PostgreSQL has recorded. */
    TRUST_ALWAYS_SAYS_YES(
            "redis/RedisLaneTrust.java",
            "return known != null && known.isGood(lane) ? known.result() : check(lane, MOST_ROUNDS);",
            "return Future.succeededFuture(lane);"),

    /** Whatever PostgreSQL fails with is blamed on the entry. */
    DEAD_LETTER_FOR_A_TRANSIENT_ERROR(
            "ledger/PgErrors.java",
            "return dataIsToBlame ? Kind.PERMANENT : Kind.TRANSIENT;",
            "return Kind.PERMANENT;"),

    /** The cursor is moved wherever it is. */
    CURSOR_WITHOUT_COMPARE(
            "ledger/LedgerRows.java", "and l.epoch = b.epoch and l.recorded_seq = b.after", "and l.epoch = b.epoch"),

    /** Redis is told that one entry more is recorded. */
    TRIM_ONE_TOO_FAR(
            "redis/RedisLedgerStream.java", "Long.toString(recorded.seq())", "Long.toString(recorded.seq() + 1)"),

    /** A node goes on refusing by what was so before its own buyers gave something back. */
    NEAR_CACHE_NEVER_WIPED("reservation/SoldOutBoard.java", "notes = lanes.remove(lane);", "notes = null;"),

    /** A rebuild forgets every second reservation that callers were told of and Redis lost. */
    EVERY_SECOND_IS_NOT_PUT_BACK(
            "admin/rebuild/PutBack.java",
            "if (!one.texts.isEmpty()) {",
            "if (!one.texts.isEmpty() && one.wanted.id().value().hashCode() % 2 == 0) {"),

    /** A repeated request looks like a new reservation. */
    REPLAYED_ANSWERED_201("http/HoldAnswers.java", "Answer.json(200,", "Answer.json(201,");

    private final String source;
    private final String right;
    private final String wrong;

    PlantedBug(String source, String right, String wrong) {
        this.source = source;
        this.right = right;
        this.wrong = wrong;
    }

    /** Alters the program so that the bug has an effect, though it is right in itself: here and there two defences stand one behind the other. */
    AlteredProgram environment(AlteredProgram program) {
        return this == CURSOR_WITHOUT_COMPARE
                ? program.in(
                        "ledger/LedgerBook.java",
                        "return write(batch).recover(failure -> afterFailure(batch, failure));",
                        """
                        return write(batch)
                                .compose(once -> batch.entries().size() < 2
                                        ? Future.succeededFuture(once)
                                        : write(batch.secondHalf()).map(once).otherwise(once))
                                .recover(failure -> afterFailure(batch, failure));
                        """)
                : program;
    }

    /** The program with this bug. */
    AlteredProgram plantedIn(AlteredProgram program) {
        return program.in(source, right, wrong);
    }
}
