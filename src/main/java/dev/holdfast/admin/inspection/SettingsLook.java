package dev.holdfast.admin.inspection;

import dev.holdfast.ledger.IncidentKind;
import dev.holdfast.redis.LaneScan;
import dev.holdfast.redis.LaneScan.Part;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.SaleDirectory;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Compares the settings by which Redis runs a sale with those that its admins set. */
final class SettingsLook {

    /** What a script writes that does not find what the lane noted of Redis's clock as it was written (lane_clock.lua). */
    private static final String CLOCK_MENDED = "clock_mended";

    private final LaneScan scan;
    private final SaleDirectory directory;

    SettingsLook(LaneScan scan, SaleDirectory directory) {
        this.scan = scan;
        this.directory = directory;
    }

    /** What is wrong with the settings; nothing where a change of them is on its way. */
    Future<List<Finding>> look(Lane lane) {
        return differing(lane)
                .map(differing -> differing.isEmpty()
                        ? List.of()
                        : List.of(new Finding(IncidentKind.SETTINGS_DIFFER, "settings", 0, told(differing))));
    }

    /** Sets them to those of the books; whether they are so then. */
    Future<Boolean> repair(Lane lane) {
        return differing(lane)
                .compose(differing ->
                        differing.isEmpty() ? Future.succeededFuture(true) : scan.repair(lane, Part.SALE, differing));
    }

    /** The books are asked before Redis and after it: between two changes both are the same. */
    private Future<List<LaneScan.Repair>> differing(Lane lane) {
        return directory.refresh(lane.saleId()).compose(before -> {
            if (before.isEmpty() || !before.get().lane().equals(lane)) {
                return Future.succeededFuture(List.of());
            }
            Sale sale = before.get().sale();
            Map<String, @Nullable String> wanted = settings(sale);
            return scan.show(lane, Part.SALE, List.copyOf(wanted.keySet()))
                    .compose(shown -> directory.refresh(lane.saleId()).map(after -> {
                        String version = shown.entries().getFirst().value();
                        boolean onItsWay = after.map(ListedSale::sale)
                                        .map(now -> now.version() != sale.version())
                                        .orElse(true)
                                || isOlder(version, sale.version());
                        return onItsWay ? List.of() : differing(shown.entries(), wanted);
                    }));
        });
    }

    private static List<LaneScan.Repair> differing(List<LaneScan.Entry> entries, Map<String, @Nullable String> wanted) {
        List<LaneScan.Repair> differing = new ArrayList<>();
        for (LaneScan.Entry entry : entries) {
            String value = wanted.get(entry.name());
            if (!Objects.equals(entry.value(), value)) {
                differing.add(new LaneScan.Repair(entry.name(), entry.value(), value, null));
            }
        }
        return differing;
    }

    /** What a crash left unsent is sent again by itself. */
    private static boolean isOlder(@Nullable String version, long stored) {
        return version != null && version.matches("[0-9]{1,15}") && Long.parseLong(version) < stored;
    }

    /** As set_sale.lua writes them, the version first; null for what is not to be there. */
    private static Map<String, @Nullable String> settings(Sale sale) {
        Map<String, @Nullable String> settings = new LinkedHashMap<>();
        settings.put("version", Long.toString(sale.version()));
        settings.put("state", sale.state().word());
        settings.put("opens_at_ms", Long.toString(sale.opensAtMs()));
        settings.put("closes_at_ms", Long.toString(sale.closesAtMs()));
        settings.put("hold_ms", Long.toString(sale.holdMs()));
        settings.put("max_hold_ms", Long.toString(sale.maxHoldMs()));
        settings.put("customer_limit", Long.toString(sale.perCustomerLimit()));
        settings.put("offset_ms", Long.toString(sale.clockOffsetMs()));
        settings.put(CLOCK_MENDED, null);
        return settings;
    }

    private static String told(List<LaneScan.Repair> differing) {
        StringBuilder text = new StringBuilder();
        for (LaneScan.Repair one : differing) {
            text.append(text.isEmpty() ? "" : ", ")
                    .append(
                            one.name().equals(CLOCK_MENDED)
                                    ? "what the sale knew of Redis's clock was changed by somebody else, and it goes on by"
                                            + " Redis's clock: it found " + one.seen()
                                    : one.name() + " is " + shown(one.name(), one.seen()) + " in Redis and "
                                            + shown(one.name(), one.wanted()) + " in the books");
        }
        return text.toString();
    }

    /** A moment of the window as people read it; 0 is none. */
    private static @Nullable String shown(String name, @Nullable String value) {
        return name.endsWith("_at_ms") && value != null && value.matches("[1-9][0-9]{0,14}")
                ? ReservationTexts.at(Long.parseLong(value))
                : value;
    }
}
