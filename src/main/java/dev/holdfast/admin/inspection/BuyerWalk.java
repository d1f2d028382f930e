package dev.holdfast.admin.inspection;

import dev.holdfast.redis.LaneScan;
import dev.holdfast.redis.LaneScan.Part;
import dev.holdfast.reservation.Lane;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Walks what Redis counts of buyers: each must come to what the reservations come to. */
final class BuyerWalk implements Walk {

    /** A small hash is walked in one step, however many are in it. */
    private static final int CUSTOMERS_AT_ONCE = 100;

    private final Lane lane;
    private final LaneScan scan;
    private final BuyerLook look;
    private String cursor = LaneScan.START;
    private final List<String> waiting = new ArrayList<>();
    private final Set<String> seen = new LinkedHashSet<>();
    private boolean walked;

    BuyerWalk(Lane lane, LaneScan scan, BuyerLook look) {
        this.lane = lane;
        this.scan = scan;
        this.look = look;
    }

    @Override
    public Future<Step> step() {
        return waiting.isEmpty()
                ? scan.walk(lane, Part.BUYERS, cursor).compose(step -> {
                    cursor = step.next();
                    walked = step.isLast();
                    seen.clear();
                    Set<String> customers = new LinkedHashSet<>();
                    step.entries().forEach(entry -> {
                        seen.add(entry.name());
                        customers.add(BuyerLook.customerOf(entry.name()));
                    });
                    waiting.addAll(customers);
                    return some();
                })
                : some();
    }

    private Future<Step> some() {
        List<String> now = List.copyOf(waiting.subList(0, Math.min(CUSTOMERS_AT_ONCE, waiting.size())));
        return (now.isEmpty() ? Future.succeededFuture(List.<Finding>of()) : look.look(lane, now, seen))
                .map(findings -> {
                    waiting.subList(0, now.size()).clear();
                    return new Step(2 * now.size(), findings, walked && waiting.isEmpty());
                });
    }
}
