package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.StockCount;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One audit of all SKUs of a lane, slice by slice, each slice at its own place of the ledger. Grows as it goes. Not safe for use by several threads. */
public final class AuditPass {

    private final String auditId;
    private final Lane lane;
    private final List<CountDifference> differences = new ArrayList<>();
    private @Nullable OffsetDateTime begunAt;
    private long firstSeq = -1;
    private long lastSeq = -1;
    private long skus;
    private long capacity;
    private long available;
    private long held;
    private long sold;

    /** Nothing is compared yet. */
    public AuditPass(String auditId, Lane lane) {
        this.auditId = auditId;
        this.lane = lane;
    }

    /** A slice of the books was read at this moment of PostgreSQL's clock. */
    public void readAt(OffsetDateTime moment) {
        begunAt = begunAt == null ? moment : begunAt;
    }

    /** When the first slice was read, by PostgreSQL's clock; null before that. */
    public @Nullable OffsetDateTime begunAt() {
        return begunAt;
    }

    /** The place where a lane without SKUs was looked at. */
    public void at(long seq) {
        firstSeq = firstSeq < 0 ? seq : firstSeq;
        lastSeq = seq;
    }

    /** Counts the slice in; its differences are those that were found again. */
    public void add(ComparedSlice slice, List<CountDifference> confirmed) {
        at(slice.seq());
        differences.addAll(confirmed);
        for (AuditReport.Item item : slice.items()) {
            StockCount count = item.postgres();
            if (count != null) {
                skus++;
                capacity += count.capacity();
                available += count.available();
                held += count.held();
                sold += count.sold();
            }
        }
    }

    /** Which audit it is. */
    public String auditId() {
        return auditId;
    }

    /** Whose counts they are. */
    public Lane lane() {
        return lane;
    }

    /** Where it began, -1 before that. */
    public long firstSeq() {
        return firstSeq;
    }

    /** Where it ended, or has come to. */
    public long lastSeq() {
        return lastSeq;
    }

    /** What differed, and differed still when it was looked at again. */
    public List<CountDifference> differences() {
        return List.copyOf(differences);
    }

    /** What was found, in short. */
    public AuditVerdict verdict() {
        return new AuditVerdict(
                auditId,
                differences.isEmpty(),
                differences.stream().mapToLong(CountDifference::drift).sum(),
                differences.stream().mapToLong(CountDifference::oversoldUnits).sum());
    }

    long skus() {
        return skus;
    }

    long capacity() {
        return capacity;
    }

    long available() {
        return available;
    }

    long held() {
        return held;
    }

    long sold() {
        return sold;
    }
}
