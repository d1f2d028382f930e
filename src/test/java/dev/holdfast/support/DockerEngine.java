package dev.holdfast.support;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The Docker engine of this machine, if there is one: Testcontainers itself takes long, and many lines, to say there is none. */
final class DockerEngine {
    private static final String DEFAULT_HOST = "unix:///var/run/docker.sock";
    private static final long TIMEOUT_MS = 2_000;

    private DockerEngine() {}

    /** Tells, within two seconds, whether an engine answers a ping. */
    static boolean answers() {
        return CompletableFuture.supplyAsync(DockerEngine::ping)
                .completeOnTimeout(false, TIMEOUT_MS, TimeUnit.MILLISECONDS)
                .join();
    }

    private static boolean ping() {
        String host = Optional.ofNullable(System.getenv("DOCKER_HOST")).orElse(DEFAULT_HOST);
        try (SocketChannel channel = SocketChannel.open(address(URI.create(host)))) {
            channel.write(StandardCharsets.US_ASCII.encode("GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n"));
            ByteBuffer answer = ByteBuffer.allocate(64);
            channel.read(answer);
            return StandardCharsets.US_ASCII.decode(answer.flip()).toString().contains(" 200 ");
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    private static SocketAddress address(URI host) {
        return host.getScheme().equals("unix")
                ? UnixDomainSocketAddress.of(host.getPath())
                : new InetSocketAddress(host.getHost(), host.getPort());
    }
}
