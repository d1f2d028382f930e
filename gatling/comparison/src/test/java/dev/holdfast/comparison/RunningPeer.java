package dev.holdfast.comparison;

import dev.holdfast.comparison.contender.PeerBooks;
import dev.holdfast.comparison.design.Design;
import dev.holdfast.comparison.design.Peer;
import dev.holdfast.comparison.facade.PeerMain;
import dev.holdfast.comparison.server.Ports;
import dev.holdfast.comparison.server.PostgresServer;
import dev.holdfast.comparison.server.RedisServer;
import io.vertx.core.Vertx;

/** A peer behind its facade, in the test's own process, on real servers that all tests share. */
final class RunningPeer implements AutoCloseable {

    private static final PostgresServer POSTGRES = PostgresServer.start();
    private static final RedisServer REDIS = RedisServer.start();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(POSTGRES::close));
        Runtime.getRuntime().addShutdownHook(new Thread(REDIS::close));
    }

    private final Vertx vertx = Vertx.vertx();
    private final int port = Ports.free();
    private final PeerBooks books;
    private final Design design;

    RunningPeer(Peer peer) {
        String postgresUri = POSTGRES.freshDatabase();
        books = new PeerBooks(peer, postgresUri);
        design = PeerMain.start(vertx, peer, port, 2, postgresUri, REDIS.uri()).await();
    }

    int port() {
        return port;
    }

    PeerBooks books() {
        return books;
    }

    Design design() {
        return design;
    }

    @Override
    public void close() {
        design.close().await();
        vertx.close().await();
        books.close();
    }
}
