package dev.holdfast.admin.inspection;

import dev.holdfast.ledger.IncidentKind;
import dev.holdfast.redis.LaneScan;
import dev.holdfast.redis.LaneScan.Part;
import dev.holdfast.reservation.Lane;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Keys that Redis has and that name no reservation: something unreadable, or an entry of due without a hold. Whoever walks the books meets
 * their reservations and takes them out; what is left at the end belongs to nobody.
 */
final class LooseKeys {

    private final Map<String, LaneScan.Entry> keys = new LinkedHashMap<>();

    void add(LaneScan.Entry entry) {
        keys.put(entry.name(), entry);
    }

    /** The books have a reservation of this key: it is looked into by its id. False where the key is not loose. */
    boolean take(String key) {
        return keys.remove(key) != null;
    }

    /** Those that are still so. */
    Future<List<Finding>> left(Lane lane, LaneScan scan) {
        List<String> names = keys.keySet().stream().limit(LaneScan.MOST_HOLDS).toList();
        return names.isEmpty()
                ? Future.succeededFuture(List.of())
                : scan.show(lane, Part.HOLDS, names).map(shown -> {
                    List<Finding> findings = new ArrayList<>();
                    for (LaneScan.Entry now : shown.entries()) {
                        LaneScan.Entry then = keys.get(now.name());
                        if (then == null) {
                            continue;
                        }
                        if (now.value() == null && now.due() != null) {
                            findings.add(new Finding(
                                    IncidentKind.DUE_DIFFERS,
                                    now.name(),
                                    0,
                                    "there is no reservation with this key, and it is due at "
                                            + now.due().longValue()));
                        } else if (now.value() != null && now.value().equals(then.value())) {
                            findings.add(new Finding(
                                    IncidentKind.HOLD_DIFFERS,
                                    now.name(),
                                    0,
                                    "Redis cannot read it, and no live reservation of the books has this key: "
                                            + now.value()));
                        }
                    }
                    return findings;
                });
    }
}
