package dev.holdfast.comparison.contender;

import dev.holdfast.comparison.check.Books;
import dev.holdfast.comparison.design.Peer;
import dev.holdfast.comparison.server.Child;
import dev.holdfast.comparison.server.Folder;
import dev.holdfast.comparison.server.Ports;
import dev.holdfast.comparison.server.PostgresServer;
import dev.holdfast.comparison.server.RedisServer;
import java.nio.file.Path;

/** A peer in its process. What it acknowledges is in PostgreSQL already. */
final class PeerProcess implements Contender {

    private final Path folder = Folder.create("peer");
    private final int port = Ports.free();
    private final PostgresServer postgres;
    private final String postgresUri;
    private final RedisServer redis = RedisServer.start();
    private final PeerBooks books;
    private final Child process;

    PeerProcess(Peer peer, Jvm jvm, PostgresServer postgres) {
        this.postgres = postgres;
        postgresUri = postgres.freshDatabase();
        books = new PeerBooks(peer, postgresUri);
        process = jvm.startPeer(peer, port, postgresUri, redis.uri(), folder);
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public Child process() {
        return process;
    }

    @Override
    public void openSale(String saleId, int skus, long capacityEach) {
        books.openSale(saleId, skus, capacityEach);
    }

    @Override
    public long prefill(String saleId, long holds) {
        books.prefill(saleId, holds);
        return holds;
    }

    @Override
    public long recorded(String saleId) {
        return books.reservations(saleId);
    }

    @Override
    public Books books(String saleId) {
        return books.read(saleId);
    }

    @Override
    public void close() {
        process.close();
        books.close();
        redis.close();
        postgres.drop(postgresUri);
        Folder.delete(folder);
    }
}
