package dev.holdfast.recorder;

import dev.holdfast.redis.HoldExpirer;
import dev.holdfast.redis.LaneNews;
import dev.holdfast.redis.NewsChannel;
import dev.holdfast.redis.PinnedRedis;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands on which lanes have changed: to this node's recorder and expirer, and to other nodes what is theirs to look after. Used on one
 * context, that of the recorder and of the expirer.
 */
public final class LaneCare {

    private static final Logger LOG = LoggerFactory.getLogger(LaneCare.class);

    /** While a lane sells, news of it are handed on this often. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Context context;
    private final LaneNews news;
    private final NewsChannel channel;
    private final Recorder recorder;
    private final HoldExpirer expirer;
    private long toldAt = System.nanoTime() - PAUSE_NANOS;
    private boolean waiting;
    private boolean unheard;

    /**
     * @param redis over which other nodes are told
     * @param news what this node does
     */
    public LaneCare(PinnedRedis redis, String node, LaneNews news, Recorder recorder, HoldExpirer expirer) {
        this.context = redis.context();
        this.news = news;
        this.channel = new NewsChannel(redis, node);
        this.recorder = recorder;
        this.expirer = expirer;
    }

    /** Hands on what is new from now on, until it is stopped. */
    public void start() {
        news.onNews(() -> context.runOnContext(on -> tellSoon()));
        channel.listen(new NewsChannel.Listener() {
            @Override
            public void heard(List<LaneNews.Item> items) {
                items.forEach(LaneCare.this::tellOurs);
            }

            @Override
            public void missed() {
                recorder.anyChanged();
            }
        });
    }

    /** Hears of other nodes no more. */
    public Future<Void> stop() {
        return channel.close();
    }

    private void tellSoon() {
        if (waiting) {
            return;
        }
        long waitMs = TimeUnit.NANOSECONDS.toMillis(toldAt + PAUSE_NANOS - System.nanoTime());
        if (waitMs <= 0) {
            tell();
        } else {
            waiting = true;
            context.owner().setTimer(waitMs, due -> {
                waiting = false;
                tell();
            });
        }
    }

    private void tell() {
        toldAt = System.nanoTime();
        List<LaneNews.Item> others = new ArrayList<>();
        for (LaneNews.Item item : news.take()) {
            tellOurs(item);
            if (!recorder.records(item.lane())) {
                others.add(item);
            }
        }
        if (!others.isEmpty()) {
            channel.tell(others).onComplete(told -> heardOrNot(told.failed()));
        }
    }

    private void tellOurs(LaneNews.Item item) {
        recorder.changed(item.lane());
        Long dueInMs = item.dueInMs();
        if (dueInMs != null) {
            expirer.dueIn(item.lane(), dueInMs);
        }
    }

    /** Not fatal: they look by themselves now and then. */
    private void heardOrNot(boolean failed) {
        if (failed != unheard) {
            unheard = failed;
            LOG.debug(
                    failed ? "other nodes cannot be told of their lanes" : "other nodes are told of their lanes again");
        }
    }
}
