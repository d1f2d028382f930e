package dev.holdfast.redis;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerPosition;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.Recorded;
import dev.holdfast.reservation.StaleLane;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XReadArgs;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The lanes' streams in Redis. To be used on the event loop of its connection. */
public final class RedisLedgerStream implements LedgerStream {

    /** The one field of an entry; include/lane.lua writes it. */
    private static final String FIELD = "e";

    /** Redis takes greater ones, which are not the lane's own. */
    private static final long LAST_OF_AN_EPOCH = Long.MAX_VALUE;

    private final ScriptCalls calls;

    /** Uses the connection of the calls. */
    public RedisLedgerStream(ScriptCalls calls) {
        this.calls = calls;
    }

    @Override
    public Future<List<LedgerEntry>> read(Lane lane, long afterSeq, int most) {
        String ledger = LaneKeys.of(lane).ledger();
        Range<String> range = Range.create(lane.epoch() + "-" + (afterSeq + 1), lane.epoch() + "-" + LAST_OF_AN_EPOCH);
        return calls.redis()
                .send(
                        "reading the ledger of lane " + lane,
                        Effect.READS,
                        commands -> commands.xrange(ledger, range, Limit.from(most)))
                .recover(failure -> calls.afterError(lane, failure))
                .compose(messages -> messages.isEmpty()
                        ? Future.succeededFuture(List.<LedgerEntry>of())
                        : lastSeqOfItsOwn(lane).map(own -> entries(lane, messages, own)))
                .onSuccess(entries -> see(lane, entries));
    }

    /**
     * The last entry that is the lane's own: what is behind it in the stream was written by somebody else, or by a script that ended in the
     * middle, and nobody was told of it. Read after the entries, so that all that are its own are before it.
     */
    private Future<Long> lastSeqOfItsOwn(Lane lane) {
        String sale = LaneKeys.of(lane).sale();
        return calls.redis()
                .send("reading the last seq of lane " + lane, Effect.READS, commands -> commands.hget(sale, "seq"))
                .recover(failure -> calls.afterError(lane, failure))
                .map(seq -> seq != null && seq.matches("[0-9]{1,15}") ? Long.parseLong(seq) : Long.MAX_VALUE);
    }

    /** One command for all of them. A stream in another life has ids of a higher epoch, which come after, too. */
    @Override
    public Future<Set<Lane>> grown(Map<Lane, Long> afterSeqs) {
        if (afterSeqs.isEmpty()) {
            return Future.succeededFuture(Set.of());
        }
        Map<String, Lane> lanes = new HashMap<>();
        afterSeqs.keySet().forEach(lane -> lanes.put(LaneKeys.of(lane).ledger(), lane));
        return calls.redis()
                .send(
                        "looking for news of " + lanes.size() + " lanes",
                        Effect.READS,
                        commands -> commands.xread(XReadArgs.Builder.count(1), after(lanes, afterSeqs)))
                .map(messages -> {
                    Set<Lane> grown = new HashSet<>();
                    messages.forEach(message -> grown.add(lanes.get(message.getStream())));
                    return grown;
                });
    }

    @Override
    public Future<Void> ping() {
        return calls.redis()
                .send("asking whether Redis answers", Effect.READS, commands -> commands.ping())
                .mapEmpty();
    }

    @Override
    public Future<Boolean> trim(Lane lane, Recorded recorded) {
        calls.witnesses().see(lane, recorded.seq());
        return calls.call(
                        Script.TRIM,
                        lane,
                        Long.toString(recorded.seq()),
                        Long.toString(recorded.keepFrom()),
                        Long.toString(recorded.life()))
                .map(reply -> reply.word().equals("TRIMMED"));
    }

    @Override
    public Future<Long> lastSeq(Lane lane) {
        return calls.call(Script.POSITION, lane)
                .map(reply -> reply.number(1))
                .onSuccess(seq -> calls.witnesses().see(lane, seq));
    }

    @Override
    public Future<LedgerPosition> position(Lane lane) {
        return calls.call(Script.POSITION, lane)
                .map(reply -> new LedgerPosition(reply.number(1), reply.number(3), reply.number(4)));
    }

    private void see(Lane lane, List<LedgerEntry> entries) {
        if (!entries.isEmpty()) {
            calls.witnesses().see(lane, entries.getLast().seq());
        }
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type
    private static XReadArgs.StreamOffset<String>[] after(Map<String, Lane> lanes, Map<Lane, Long> afterSeqs) {
        return lanes.entrySet().stream()
                .map(lane -> XReadArgs.StreamOffset.from(
                        lane.getKey(), lane.getValue().epoch() + "-" + afterSeqs.get(lane.getValue())))
                .toArray(XReadArgs.StreamOffset[]::new);
    }

    /** Up to the last of its own, and to the first one of another epoch; throws StaleLane where that is the first of all. */
    private static List<LedgerEntry> entries(Lane lane, List<StreamMessage<String, String>> messages, long lastSeq) {
        List<LedgerEntry> entries = new ArrayList<>(messages.size());
        for (StreamMessage<String, String> message : messages) {
            if (!entries.isEmpty() && !message.getId().startsWith(lane.epoch() + "-")) {
                break;
            }
            long seq = seq(lane, message.getId());
            if (seq > lastSeq) {
                break;
            }
            entries.add(entry(seq, message));
        }
        return entries;
    }

    private static LedgerEntry entry(long seq, StreamMessage<String, String> message) {
        String text = message.getBody().get(FIELD);
        return text == null
                ? new LedgerEntry.Unreadable(seq, message.getBody().toString(), "no field " + FIELD)
                : LedgerText.parse(seq, text);
    }

    /** Ids are epoch-seq; throws StaleLane where the entry is of another epoch. */
    private static long seq(Lane lane, String id) {
        int dash = id.indexOf('-');
        if (Long.parseLong(id, 0, dash, 10) != lane.epoch()) {
            throw new StaleLane(lane, "ledger entry " + id);
        }
        return Long.parseLong(id, dash + 1, id.length(), 10);
    }
}
