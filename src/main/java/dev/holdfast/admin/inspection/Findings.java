package dev.holdfast.admin.inspection;

import dev.holdfast.ledger.IncidentKind;
import dev.holdfast.ledger.Incidents;
import dev.holdfast.ledger.NewIncident;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.reservation.Lane;
import io.vertx.core.Future;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one inspection of a lane has found: each an incident, but many of a kind are told as one. */
final class Findings {

    /** Of one kind, told each by itself. The rest is one incident without a subject, whose repair walks all of it. */
    static final int MOST_OF_A_KIND = 20;

    /** What an inspection looks through whole: what it does not find any more is over. */
    private static final Set<IncidentKind> LOOKED_THROUGH = EnumSet.of(
            IncidentKind.RULES_DIFFER,
            IncidentKind.SETTINGS_DIFFER,
            IncidentKind.HOLD_DIFFERS,
            IncidentKind.DUE_DIFFERS,
            IncidentKind.BUYER_DIFFERS,
            IncidentKind.RESERVATION_DIFFERS,
            IncidentKind.LEDGER_DIFFERS);

    private static final Logger LOG = LoggerFactory.getLogger(Findings.class);

    private final Lane lane;
    private final Incidents incidents;
    private final Metrics metrics;
    private final Map<IncidentKind, Set<String>> subjects = new EnumMap<>(IncidentKind.class);
    private final Map<IncidentKind, Long> rest = new EnumMap<>(IncidentKind.class);
    private final Map<IncidentKind, Long> restUnits = new EnumMap<>(IncidentKind.class);
    private @Nullable OffsetDateTime begunAt;

    Findings(Lane lane, Incidents incidents, Metrics metrics) {
        this.lane = lane;
        this.incidents = incidents;
        this.metrics = metrics;
    }

    /** To be called before anything is looked at: what somebody else tells of later is not over when this inspection ends. */
    Future<Void> begin() {
        return begunAt == null ? incidents.now().onSuccess(now -> begunAt = now).mapEmpty() : Future.succeededFuture();
    }

    /** Tells of these at once, unless there are many already. */
    Future<Void> add(List<Finding> findings) {
        List<NewIncident> news = new ArrayList<>();
        for (Finding finding : findings) {
            Set<String> told = subjects.computeIfAbsent(finding.kind(), kind -> new LinkedHashSet<>());
            if (told.contains(finding.subject())) {
                continue;
            }
            metrics.finding(finding.kind().word());
            if (told.size() < MOST_OF_A_KIND) {
                told.add(finding.subject());
                news.add(finding.incident());
            } else {
                rest.merge(finding.kind(), 1L, Long::sum);
                restUnits.merge(finding.kind(), finding.units(), Long::sum);
            }
        }
        return report(news);
    }

    /**
     * The inspection is over: tells of what was too much to be told each.
     *
     * @param whole whether all was walked, so that what was told before and not found now is over
     */
    Future<Void> end(boolean whole) {
        OffsetDateTime begun = begunAt;
        List<NewIncident> news = new ArrayList<>();
        rest.forEach((kind, count) -> news.add(
                new NewIncident(kind, count + " more, besides the " + MOST_OF_A_KIND + " that are told each by itself")
                        .of(restUnits.getOrDefault(kind, 0L))));
        Future<Void> told = report(news);
        for (IncidentKind kind : LOOKED_THROUGH) {
            if (whole && begun != null && !rest.containsKey(kind)) {
                told = told.compose(before -> incidents.over(
                        lane.saleId(),
                        kind,
                        subjects.getOrDefault(kind, new HashSet<>()),
                        begun,
                        "an inspection found it as it should be"));
            }
        }
        return told;
    }

    private Future<Void> report(List<NewIncident> news) {
        Future<Void> told = Future.succeededFuture();
        for (NewIncident incident : news) {
            told = told.compose(before -> incidents.report(lane, incident).mapEmpty());
        }
        return told.onFailure(
                failure -> LOG.warn("lane {}: an incident could not be written down: {}", lane, failure.getMessage()));
    }
}
