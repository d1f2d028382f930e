package dev.holdfast.ledger;

import java.util.ArrayList;
import java.util.List;

/** What may come of carrying a batch into the books. */
public sealed interface CommitOutcome {

    /**
     * All of it is recorded, once.
     *
     * @param recordedSeq the cursor now
     * @param audits what the audits among the entries found
     */
    record Recorded(long recordedSeq, List<AuditVerdict> audits) implements CommitOutcome {

        private Recorded after(Recorded earlier) {
            List<AuditVerdict> all = new ArrayList<>(earlier.audits);
            all.addAll(audits);
            return new Recorded(recordedSeq, all);
        }

        /** This, with what was recorded before it in the same call. */
        static CommitOutcome joined(Recorded earlier, CommitOutcome later) {
            return later instanceof Recorded recorded ? recorded.after(earlier) : later;
        }
    }

    /** The cursor, the lease or the lane is not what the caller thinks: nothing was recorded by this call, or its first part only. */
    record LostRace() implements CommitOutcome {}

    /** Entries between the cursor and this batch are missing: nothing was recorded. */
    record Gap(long expectedSeq, long foundSeq) implements CommitOutcome {}

    /**
     * The lane is frozen. Either the books would not add up: then nothing of this batch is recorded. Or an entry of it became a dead
     * letter without which the books differ from Redis: then what is before that is recorded, and nothing after it.
     */
    record Frozen(String why) implements CommitOutcome {}
}
