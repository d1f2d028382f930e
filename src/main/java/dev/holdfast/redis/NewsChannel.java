package dev.holdfast.redis;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.SaleId;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells other nodes which lanes this node changed, and hears it from them, through Redis's publish and subscribe. A message may be lost:
 * whoever listens looks at the lanes now and then all the same. To be used on the event loop of its connection.
 */
public final class NewsChannel {

    /** What to do with what is heard. */
    public interface Listener {

        /** Another node changed these lanes. */
        void heard(List<LaneNews.Item> news);

        /** There may have been news that nobody heard. */
        void missed();
    }

    private static final Logger LOG = LoggerFactory.getLogger(NewsChannel.class);

    private static final String NAME = "hf:news";

    /** The form of a message; a node that knows another form leaves it alone. */
    private static final String FORM = "1";

    private static final int MOST_A_MESSAGE = 500;
    private static final int RETRY_MS = 5_000;

    private final PinnedRedis redis;
    private final String node;
    private @Nullable RedisClient client;
    private boolean closed;

    /**
     * Publishes over this connection; hears over one of its own, on the same loop.
     *
     * @param node names this node, without a space
     */
    public NewsChannel(PinnedRedis redis, String node) {
        this.redis = redis;
        this.node = node;
    }

    /** Hears from now on, as soon as Redis lets it. */
    public void listen(Listener listener) {
        RedisClient made = redis.otherClient();
        client = made;
        made.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisConnected(RedisChannelHandler<?, ?> connection, SocketAddress address) {
                context().runOnContext(on -> listener.missed());
            }
        });
        subscribe(made, listener);
    }

    /** Tells all other nodes. Fails as Redis does: then they do not hear it. */
    public Future<Void> tell(List<LaneNews.Item> news) {
        List<Future<Void>> told = new ArrayList<>();
        for (int from = 0; from < news.size(); from += MOST_A_MESSAGE) {
            List<LaneNews.Item> some = news.subList(from, Math.min(from + MOST_A_MESSAGE, news.size()));
            told.add(redis.send(
                            "telling other nodes of " + some.size() + " lanes",
                            Effect.READS,
                            commands -> commands.publish(NAME, text(node, some)))
                    .mapEmpty());
        }
        return Future.all(told).mapEmpty();
    }

    /** Hears no more. */
    public Future<Void> close() {
        closed = true;
        RedisClient made = client;
        return made == null
                ? Future.succeededFuture()
                : Future.fromCompletionStage(made.shutdownAsync(), context()).mapEmpty();
    }

    private Context context() {
        return redis.context();
    }

    private void subscribe(RedisClient made, Listener listener) {
        Future.fromCompletionStage(made.connectPubSubAsync(StringCodec.UTF8, redis.uri()), context())
                .compose(connection -> subscribe(connection, listener))
                .onFailure(failure -> {
                    if (!closed) {
                        LOG.warn(
                                "other nodes are not heard, their lanes are looked at instead: {}",
                                failure.getMessage());
                        context().owner().setTimer(RETRY_MS, due -> {
                            if (!closed) {
                                subscribe(made, listener);
                            }
                        });
                    }
                });
    }

    private Future<Void> subscribe(StatefulRedisPubSubConnection<String, String> connection, Listener listener) {
        Consumer<String> heard = message -> {
            List<LaneNews.Item> news = read(message);
            if (!news.isEmpty()) {
                listener.heard(news);
            }
        };
        connection.addListener(new RedisPubSubAdapter<>() {
            @Override
            public void message(String channel, String message) {
                context().runOnContext(on -> heard.accept(message));
            }
        });
        return Future.fromCompletionStage(connection.async().subscribe(NAME), context())
                .onFailure(failure -> close(connection));
    }

    @SuppressWarnings("FutureReturnValueIgnored") // what went wrong is told already, and nothing waits for the end
    private static void close(StatefulRedisPubSubConnection<String, String> connection) {
        connection.closeAsync();
    }

    /** Form and sender; then a line for each lane. */
    static String text(String node, List<LaneNews.Item> news) {
        StringBuilder text =
                new StringBuilder(48 * news.size()).append(FORM).append(' ').append(node);
        for (LaneNews.Item item : news) {
            Lane lane = item.lane();
            Long dueInMs = item.dueInMs();
            text.append('\n')
                    .append(lane.saleId().value())
                    .append(' ')
                    .append(lane.number())
                    .append(' ')
                    .append(lane.epoch())
                    .append(' ')
                    .append(dueInMs == null ? "-" : dueInMs.toString());
        }
        return text.toString();
    }

    /** What another node said; empty for our own messages, and for what is none of ours. */
    private List<LaneNews.Item> read(String message) {
        String[] lines = message.split("\n", -1);
        if (lines[0].equals(FORM + ' ' + node) || !lines[0].startsWith(FORM + ' ')) {
            return List.of();
        }
        try {
            return read(lines);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            LOG.debug("a message of {} lines is not understood: {}", lines.length, e.toString());
            return List.of();
        }
    }

    private static List<LaneNews.Item> read(String... lines) {
        List<LaneNews.Item> news = new ArrayList<>();
        for (int i = 1; i < lines.length; i++) {
            String[] words = lines[i].split(" ", -1);
            Lane lane = new Lane(new SaleId(words[0]), Integer.parseInt(words[1]), Long.parseLong(words[2]));
            news.add(new LaneNews.Item(lane, words[3].equals("-") ? null : Long.valueOf(words[3])));
        }
        return news;
    }
}
