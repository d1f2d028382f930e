package dev.holdfast.comparison.facade;

import dev.holdfast.comparison.design.Design;
import dev.holdfast.comparison.design.Peer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The process of one peer: its design behind the facade, and the sweep of due holds. Ends when its standard input does. */
public final class PeerMain {

    private static final Logger LOG = LoggerFactory.getLogger(PeerMain.class);

    /** As often as Holdfast sweeps. */
    private static final long SWEEP_MS = 500;

    private PeerMain() {}

    /** Takes the peer's name, the port, the PostgreSQL and the Redis URI. */
    public static void main(String[] args) throws IOException {
        int loops = Runtime.getRuntime().availableProcessors();
        Vertx vertx =
                Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(loops));
        try {
            start(vertx, Peer.valueOf(args[0]), Integer.parseInt(args[1]), loops, args[2], args[3])
                    .await();
            int end = System.in.read();
            LOG.debug("standard input ended: {}", end);
        } finally {
            vertx.close().await();
        }
    }

    /** Serves a peer on as many event loops. */
    public static Future<Design> start(
            Vertx vertx, Peer peer, int port, int loops, String postgresUri, String redisUri) {
        Design design = peer.open(vertx, postgresUri, redisUri);
        sweep(vertx, design);
        return Future.all(IntStream.range(0, loops)
                        .mapToObj(loop -> vertx.deployVerticle(new Facade(design, port)))
                        .toList())
                .map(deployed -> design);
    }

    private static void sweep(Vertx vertx, Design design) {
        AtomicBoolean sweeping = new AtomicBoolean();
        long timer = vertx.setPeriodic(SWEEP_MS, tick -> {
            if (sweeping.compareAndSet(false, true)) {
                design.expire()
                        .onFailure(failure -> LOG.warn("a sweep failed", failure))
                        .onComplete(done -> sweeping.set(false));
            }
        });
        LOG.debug("sweeps by timer {}", timer);
    }
}
