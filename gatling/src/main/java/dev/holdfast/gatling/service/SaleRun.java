package dev.holdfast.gatling.service;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.gatling.history.Adjustment;
import dev.holdfast.gatling.history.Books;
import dev.holdfast.gatling.history.End;
import dev.holdfast.gatling.history.Journal;
import dev.holdfast.gatling.history.StockCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The sale of one run in the service, from setting it up to reading its books. */
public final class SaleRun {

    /** For the expiry of the last holds, on top of their own time. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    private final SalePlan plan;
    private final ServiceApi api;

    public SaleRun(Target target, SalePlan plan) {
        this.plan = plan;
        this.api = new ServiceApi(target, plan.saleId());
    }

    /** Creates the sale, open at once, and its stock. */
    public void setUp() {
        api.putSale(
                "{\"name\":\"Load test\",\"holdSeconds\":%d,\"maxHoldSeconds\":%d,\"perCustomerLimit\":%d,\"rehearsal\":%b}"
                        .formatted(plan.holdSeconds(), plan.holdSeconds(), plan.perCustomerLimit(), plan.rehearsal()));
        plan.capacities().forEach(api::putStock);
    }

    /** Returns when all that happened so far is in PostgreSQL. Throws if that takes minutes. */
    public void awaitRecorded() {
        JsonNode ignored = api.audit();
    }

    /** Asks for the reservations whose end got no answer. */
    public void resolve(Journal journal) {
        for (String reservationId : journal.unanswered()) {
            JsonNode reservation = api.reservation(reservationId);
            String state = reservation.path("state").asText();
            long endedAtMs = msOf(reservation, "endedAt");
            switch (state) {
                case "confirmed" -> journal.ended(reservationId, new End(End.Kind.CONFIRMED, endedAtMs));
                case "released" -> journal.ended(reservationId, new End(End.Kind.RELEASED, endedAtMs));
                case "expired" -> journal.ended(reservationId, new End(End.Kind.EXPIRED, endedAtMs));
                default -> throw new IllegalStateException(reservationId + " is still " + state);
            }
        }
    }

    /**
     * Waits until no hold is left, and reads the books; a hold that does not end is left for the check to find.
     *
     * @param adjusted SKUs whose capacity may have changed
     */
    public Books settle(Set<String> adjusted) {
        if (plan.rehearsal()) {
            api.advanceClock(plan.holdSeconds() + 1L);
        }
        boolean ignored = waitUntil(this::nothingHeld, PATIENCE.plusSeconds(plan.holdSeconds()));
        JsonNode audit = api.audit();
        return new Books(
                plan.capacities(),
                adjusted.stream().collect(Collectors.toMap(Function.identity(), this::applied)),
                stock(),
                counts(audit, "postgres"),
                audit.path("balanced").asBoolean());
    }

    /** Oldest first. */
    private List<Adjustment> applied(String sku) {
        boolean ignored = waitUntil(() -> api.adjustments(sku).stream().noneMatch(SaleRun::isPending), PATIENCE);
        return api.adjustments(sku).stream()
                .filter(item -> item.path("state").asText().equals("applied"))
                .map(item -> new Adjustment(
                        item.path("adjustmentId").asText(),
                        item.path("before").asLong(),
                        item.path("after").asLong(),
                        item.path("version").asLong(),
                        item.path("pendingReduction").asLong()))
                .sorted(Comparator.comparingLong(Adjustment::version))
                .toList();
    }

    private static boolean isPending(JsonNode item) {
        return item.path("state").asText().equals("pending");
    }

    private boolean nothingHeld() {
        return stock().values().stream().allMatch(counts -> counts.held() == 0);
    }

    private Map<String, StockCounts> stock() {
        return counts(api.stock(), "");
    }

    private static Map<String, StockCounts> counts(JsonNode list, String field) {
        Map<String, StockCounts> counts = new HashMap<>();
        for (JsonNode item : list.path("items")) {
            JsonNode of = field.isEmpty() ? item : item.path(field);
            counts.put(
                    item.path("sku").asText(),
                    new StockCounts(
                            of.path("capacity").asLong(),
                            of.path("available").asLong(),
                            of.path("held").asLong(),
                            of.path("sold").asLong()));
        }
        return counts;
    }

    private static long msOf(JsonNode reservation, String field) {
        return Instant.parse(reservation.path(field).asText()).toEpochMilli();
    }

    private static boolean waitUntil(BooleanSupplier condition, Duration patience) {
        Instant end = Instant.now().plus(patience);
        while (!condition.getAsBoolean()) {
            if (Instant.now().isAfter(end)) {
                return false;
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
        return true;
    }
}
