package dev.holdfast.admin;

import dev.holdfast.ledger.AuditPass;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.CountDifference;
import dev.holdfast.ledger.IncidentKind;
import dev.holdfast.ledger.Incidents;
import dev.holdfast.ledger.NewIncident;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.redis.LaneScan;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LaneBook;
import dev.holdfast.reservation.StockCount;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Turns what audits of counts find into incidents, and stops the lane where Redis offers units that nobody has. */
final class CountFindings {

    /** More than these are told of as one. */
    private static final int MOST_INCIDENTS = 20;

    /** How many SKUs there are. */
    private static final String HOW_MANY = "|skus";

    private final Incidents incidents;
    private final LaneBook lanes;
    private final LaneScan scan;
    private final Metrics metrics;

    CountFindings(Books books, LaneScan scan, Metrics metrics) {
        this.incidents = books.incidents();
        this.lanes = books.lanes();
        this.scan = scan;
        this.metrics = metrics;
    }

    /** Tells what one audit of all SKUs found, and that the rest of what was told before it began is over. */
    Future<Void> tell(AuditPass pass) {
        OffsetDateTime begun = pass.begunAt();
        // Many lanes are audited every few seconds: nobody is asked where nothing is open anywhere.
        if (begun == null || (pass.differences().isEmpty() && incidents.open() == 0)) {
            return tellAll(pass.lane(), pass.differences());
        }
        List<String> still = pass.differences().stream()
                .map(difference -> difference.sku().value())
                .toList();
        return tellAll(pass.lane(), pass.differences())
                .compose(told -> incidents.over(
                        pass.lane().saleId(),
                        IncidentKind.STOCK_DIFFERS,
                        still,
                        begun,
                        "an audit found the counts as they should be"));
    }

    /** Tells of these alone. */
    Future<Void> tellAll(Lane lane, List<CountDifference> differences) {
        if (differences.isEmpty()) {
            return Future.succeededFuture();
        }
        long madeUp =
                differences.stream().mapToLong(CountDifference::madeUpUnits).sum();
        if (madeUp > 0) {
            return report(lane, madeUp(differences, madeUp));
        }
        return isLost(lane, differences)
                .compose(lost -> lost
                        ? lanes.reportLost(lane, "Redis lost the counts of all SKUs")
                        : reportEach(lane, differences));
    }

    private Future<Void> reportEach(Lane lane, List<CountDifference> differences) {
        List<NewIncident> news = new ArrayList<>();
        differences.stream()
                .limit(differences.size() > MOST_INCIDENTS ? MOST_INCIDENTS - 1 : MOST_INCIDENTS)
                .forEach(difference -> news.add(incident(difference)));
        if (news.size() < differences.size()) {
            List<CountDifference> rest = differences.subList(news.size(), differences.size());
            news.add(new NewIncident(
                            IncidentKind.STOCK_DIFFERS,
                            "the counts of " + rest.size() + " more SKUs differ: " + names(rest))
                    .of(rest.stream().mapToLong(CountDifference::drift).sum()));
        }
        Future<Void> told = Future.succeededFuture();
        for (NewIncident incident : news) {
            told = told.compose(before -> report(lane, incident));
        }
        return told;
    }

    private Future<Void> report(Lane lane, NewIncident incident) {
        metrics.finding(incident.kind().word());
        return incidents.report(lane, incident).mapEmpty();
    }

    private static NewIncident madeUp(List<CountDifference> differences, long units) {
        List<CountDifference> those = differences.stream()
                .filter(difference -> difference.madeUpUnits() > 0)
                .toList();
        NewIncident incident = new NewIncident(
                        IncidentKind.BOOKS_DO_NOT_ADD_UP,
                        "Redis offers " + units + " units of " + names(those) + " that the books do not have: "
                                + those.getFirst())
                .of(units);
        return those.size() == 1
                ? incident.about(those.getFirst().sku().value()).with(facts(those.getFirst()))
                : incident;
    }

    private static NewIncident incident(CountDifference difference) {
        return new NewIncident(IncidentKind.STOCK_DIFFERS, difference.toString())
                .about(difference.sku().value())
                .of(difference.drift())
                .with(facts(difference));
    }

    private static JsonObject facts(CountDifference difference) {
        StockCount postgres = difference.postgres();
        List<String> redis = difference.redis().texts();
        return new JsonObject()
                .put(
                        "redis",
                        new JsonObject()
                                .put("capacity", redis.get(0))
                                .put("available", redis.get(1))
                                .put("held", redis.get(2))
                                .put("sold", redis.get(3))
                                .put("version", redis.get(4)))
                .put(
                        "postgres",
                        new JsonObject()
                                .put("capacity", postgres.capacity())
                                .put("available", postgres.available())
                                .put("held", postgres.held())
                                .put("sold", postgres.sold())
                                .put("version", postgres.version()));
    }

    /** All of a slice is not there, and the number of all SKUs is not either: the key is gone. */
    private Future<Boolean> isLost(Lane lane, List<CountDifference> differences) {
        return differences.stream().allMatch(difference -> difference.redis().isAbsent())
                ? scan.show(lane, LaneScan.Part.STOCK, List.of(HOW_MANY))
                        .map(shown -> shown.entries().getFirst().value() == null)
                : Future.succeededFuture(false);
    }

    private static String names(List<CountDifference> differences) {
        String some = differences.stream()
                .limit(5)
                .map(difference -> difference.sku().value())
                .collect(Collectors.joining(", "));
        return differences.size() > 5 ? some + " and " + (differences.size() - 5) + " more" : some;
    }
}
