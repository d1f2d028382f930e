package dev.holdfast.comparison.contender;

import dev.holdfast.comparison.check.Books;
import dev.holdfast.comparison.design.Peer;
import dev.holdfast.comparison.server.Child;
import dev.holdfast.comparison.server.Folder;
import dev.holdfast.comparison.server.Ports;
import java.nio.file.Path;
import java.util.List;

/** The ceiling in its process: no servers, no sales, no books. */
final class BarePeer implements Contender {

    private final Path folder = Folder.create("bare");
    private final int port = Ports.free();
    private final Child process;

    BarePeer(Jvm jvm) {
        process = jvm.startPeer(Peer.BARE, port, "none", "none", folder);
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
    public void openSale(String saleId, int skus, long capacityEach) {}

    @Override
    public long prefill(String saleId, long holds) {
        return 0;
    }

    @Override
    public long recorded(String saleId) {
        return 0;
    }

    @Override
    public Books books(String saleId) {
        return new Books(List.of(), 0);
    }

    @Override
    public void close() {
        process.close();
        Folder.delete(folder);
    }
}
