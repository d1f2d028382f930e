package dev.holdfast.cli;

import dev.holdfast.SettingsReader;
import dev.holdfast.admin.LaneRebuild;
import dev.holdfast.admin.RebuildOutcome;
import dev.holdfast.admin.inspection.RowsByLedger;
import dev.holdfast.admin.rebuild.RebuildOrder;
import dev.holdfast.admin.rebuild.RebuildOrder.Discard;
import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.RebuildReport;
import dev.holdfast.ledger.RebuildReport.Phase;
import dev.holdfast.ledger.RebuildSource;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a sale's lane anew, shows how far it is, and waits until it sells again and has all ended reservations back. */
@Command(
        name = "rebuild",
        mixinStandardHelpOptions = true,
        description =
                "Stop a sale, write it anew into Redis, and let it sell again. Nothing that Redis or PostgreSQL knows is "
                        + "lost unless --discard says so.")
final class Rebuild implements Callable<Integer> {

    private static final Duration LOOK = Duration.ofSeconds(1);

    /** --discard without a number. */
    private static final String ALL = "all";

    private final Map<String, String> environment;

    @Parameters(paramLabel = "<sale>", converter = SaleIdConverter.class, description = "The sale's id.")
    private SaleId saleId;

    @Option(
            names = "--from",
            paramLabel = "postgres|redis",
            defaultValue = "postgres",
            description =
                    "postgres: as its books are, refused where Redis knows more. redis: PostgreSQL is brought up to what "
                            + "Redis knows first. Default: ${DEFAULT-VALUE}.")
    private String from;

    @Option(
            names = "--discard",
            paramLabel = "<number>",
            arity = "0..1",
            fallbackValue = ALL,
            description =
                    "From postgres, although acknowledged reservations end by it: so many, or however many where no "
                            + "number is given.")
    private @Nullable String discard;

    @Mixin
    private AuditTrail auditTrail;

    @Spec
    private CommandSpec spec;

    Rebuild(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        String redisUri = SettingsReader.readRedisUri(environment);
        String postgresUri = SettingsReader.readPostgresUri(environment);
        Duration retention = SettingsReader.readRedisRetention(environment);
        Duration detailsKept = SettingsReader.readDetailRetention(environment);
        RebuildOrder order = order();
        AdminAction action = auditTrail.action(AdminAction.Kind.LANE_REBUILT);
        try (Servers servers = Servers.open(postgresUri)) {
            RowsByLedger rows = new RowsByLedger(servers.inspections(), detailsKept);
            servers.onLanes(
                    redisUri,
                    lanes -> lanes.rebuild(redisUri, rows, retention, rebuild -> {
                        long progress = show(servers.vertx(), rebuild);
                        return rebuild.rebuild(saleId, order, action)
                                .compose(this::whole)
                                .onComplete(done -> servers.vertx().cancelTimer(progress));
                    }));
        }
        return 0;
    }

    private RebuildOrder order() {
        RebuildSource source = Optional.of(from)
                .filter(word -> word.equals(RebuildSource.REDIS.word()) || word.equals(RebuildSource.POSTGRES.word()))
                .map(word -> word.equals(RebuildSource.REDIS.word()) ? RebuildSource.REDIS : RebuildSource.POSTGRES)
                .orElseThrow(() -> new IllegalStateException("--from is neither postgres nor redis: " + from));
        if (discard == null) {
            return new RebuildOrder(source, Discard.NOTHING);
        }
        if (source == RebuildSource.REDIS) {
            throw new IllegalStateException("--discard is for a rebuild from postgres: from redis nothing is lost");
        }
        if (discard.equals(ALL)) {
            return new RebuildOrder(source, Discard.ALL);
        }
        if (!discard.matches("[0-9]{1,12}")) {
            throw new IllegalStateException("--discard is no number: " + discard);
        }
        return new RebuildOrder(source, Discard.exactly(Long.parseLong(discard)));
    }

    /** Prints where it is whenever that has changed; answers the timer that does. */
    private long show(Vertx vertx, LaneRebuild rebuild) {
        String[] shown = {""};
        return vertx.setPeriodic(
                LOOK.toMillis(),
                tick -> rebuild.latest(saleId)
                        .onSuccess(found -> found.map(Rebuild::line)
                                .filter(line -> !line.equals(shown[0]))
                                .ifPresent(line -> {
                                    shown[0] = line;
                                    print(line);
                                })));
    }

    private static String line(RebuildReport report) {
        Phase phase = report.phase();
        return phase.name() + ": " + phase.done() + (phase.total() > 0 ? " of " + phase.total() : "");
    }

    /** Ends when the sale sells, and what has ended is in Redis again. */
    private Future<Void> whole(RebuildOutcome outcome) {
        return switch (outcome) {
            case RebuildOutcome.Started started ->
                started.whole()
                        .onSuccess(reservations -> print("Sale " + saleId + " is rebuilt, with " + reservations
                                + " live reservations, and sells."))
                        .compose(sells -> started.ended())
                        .onSuccess(ended -> print("Ended reservations are restored, too."));
            case RebuildOutcome.Refused refused ->
                Future.failedFuture(new IllegalStateException("sale " + saleId + " stays stopped: "
                        + refused.losses().told()
                        + ". With --from redis nothing is lost; with --discard="
                        + refused.losses().reservations() + " they are ended"));
            case RebuildOutcome.SaleIsClosed closed ->
                Future.failedFuture(new IllegalStateException("sale " + saleId + " is over for good"));
            case RebuildOutcome.NoSuchSale none ->
                Future.failedFuture(new IllegalStateException("there is no sale " + saleId));
        };
    }

    private void print(String line) {
        spec.commandLine().getOut().println(line);
        spec.commandLine().getOut().flush();
    }
}
