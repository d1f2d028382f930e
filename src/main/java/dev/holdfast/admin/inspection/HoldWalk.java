package dev.holdfast.admin.inspection;

import dev.holdfast.ledger.InspectionBook;
import dev.holdfast.redis.HoldValue;
import dev.holdfast.redis.LaneScan;
import dev.holdfast.redis.LaneScan.Part;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.ReservationId;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Walks the reservations that Redis has: each must be what the books have, and be due when its hold ends. */
final class HoldWalk implements Walk {

    private final Lane lane;
    private final LaneScan scan;
    private final InspectionBook book;
    private final HoldLook look;
    private final LooseKeys loose;
    private String cursor = LaneScan.START;

    /** Keys of which no reservation can be read go to the loose ones. */
    HoldWalk(Lane lane, LaneScan scan, InspectionBook book, HoldLook look, LooseKeys loose) {
        this.lane = lane;
        this.scan = scan;
        this.book = book;
        this.look = look;
        this.loose = loose;
    }

    @Override
    public Future<Step> step() {
        return scan.walk(lane, Part.HOLDS, cursor).compose(step -> {
            Map<ReservationId, LaneScan.Entry> entries = new HashMap<>();
            Map<ReservationId, HoldValue> values = new HashMap<>();
            for (LaneScan.Entry entry : step.entries()) {
                Optional<HoldValue> value =
                        Optional.ofNullable(entry.value()).flatMap(text -> HoldValue.parse(entry.name(), text));
                if (value.isEmpty()) {
                    loose.add(entry);
                } else {
                    ReservationId id = value.get().reservation().id();
                    entries.put(id, entry);
                    values.put(id, value.get());
                }
            }
            return book.holds(lane, values.keySet())
                    .compose(books -> {
                        List<ReservationId> doubtful = new ArrayList<>();
                        values.forEach((id, value) -> {
                            if (!HoldLook.isPlain(
                                    Objects.requireNonNull(entries.get(id)),
                                    value,
                                    books.byId().get(id),
                                    books.recordedSeq())) {
                                doubtful.add(id);
                            }
                        });
                        return look.look(lane, doubtful);
                    })
                    .map(findings -> {
                        cursor = step.next();
                        return new Step(step.entries().size(), findings, step.isLast());
                    });
        });
    }
}
