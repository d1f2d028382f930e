package dev.holdfast.comparison.contender;

import dev.holdfast.comparison.design.Peer;
import dev.holdfast.comparison.facade.PeerMain;
import dev.holdfast.comparison.server.Child;
import dev.holdfast.comparison.server.Ports;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * The Java that all contenders run on.
 *
 * @param flags the same for all
 */
public record Jvm(List<String> flags) {

    /** Keeps its own copy. */
    public Jvm {
        flags = List.copyOf(flags);
    }

    Child startPeer(Peer peer, int port, String postgresUri, String redisUri, Path folder) {
        List<String> arguments = List.of(
                "-Dcomparison.pool=" + System.getProperty("comparison.pool", ""),
                "-classpath",
                System.getProperty("java.class.path"),
                PeerMain.class.getName(),
                peer.name(),
                Integer.toString(port),
                postgresUri,
                redisUri);
        return start(peer.word(), arguments, Map.of(), folder, () -> Ports.answers(port));
    }

    Child start(
            String name, List<String> arguments, Map<String, String> environment, Path folder, BooleanSupplier ready) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(flags);
        command.addAll(arguments);
        return Child.start(name, command, environment, folder.resolve(name + ".log"), ready);
    }
}
