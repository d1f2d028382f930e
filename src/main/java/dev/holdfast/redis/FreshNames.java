package dev.holdfast.redis;

import io.lettuce.core.resource.Transports;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.HostsFileEntriesProvider;
import io.netty.resolver.HostsFileEntriesResolver;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.resolver.dns.NoopAuthoritativeDnsServerCache;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Resolves the host name of Redis anew for every connection: a managed Redis keeps its name over a fail-over and changes its address, and
 * neither a name server's time to live nor the hosts file as it once was may lead a node back to the old one.
 */
public final class FreshNames {

    private FreshNames() {}

    /** For sockets as lettuce makes them, by the name servers of this machine. To be closed by its owner. */
    static AddressResolverGroup<InetSocketAddress> forLettuce(DnsServerAddressStreamProvider nameServers) {
        return resolver(
                Transports.datagramChannelClass(),
                Transports.socketChannelClass().asSubclass(SocketChannel.class),
                nameServers);
    }

    /** The name servers that this machine is configured with. */
    static DnsServerAddressStreamProvider ofThisMachine() {
        return DnsServerAddressStreamProviders.platformDefault();
    }

    /** Asks over these channels, and keeps no answer. To be closed by its owner. */
    public static AddressResolverGroup<InetSocketAddress> resolver(
            Class<? extends DatagramChannel> datagrams,
            Class<? extends SocketChannel> sockets,
            DnsServerAddressStreamProvider nameServers) {
        return new DnsAddressResolverGroup(new DnsNameResolverBuilder()
                .datagramChannelType(datagrams)
                .socketChannelType(sockets, true)
                .nameServerProvider(nameServers)
                .hostsFileEntriesResolver(new HostsFile())
                .resolveCache(NoopDnsCache.INSTANCE)
                .cnameCache(NoopDnsCnameCache.INSTANCE)
                .authoritativeDnsServerCache(NoopAuthoritativeDnsServerCache.INSTANCE));
    }

    /** The hosts file as it is now: a few lines, read when a connection is made. */
    private static final class HostsFile implements HostsFileEntriesResolver {

        @Override
        public @Nullable InetAddress address(String host, ResolvedAddressTypes types) {
            HostsFileEntriesProvider file = HostsFileEntriesProvider.parser().parseSilently();
            Stream<Map<String, List<InetAddress>>> inOrder = switch (types) {
                case IPV4_ONLY -> Stream.of(file.ipv4Entries());
                case IPV6_ONLY -> Stream.of(file.ipv6Entries());
                case IPV4_PREFERRED -> Stream.of(file.ipv4Entries(), file.ipv6Entries());
                case IPV6_PREFERRED -> Stream.of(file.ipv6Entries(), file.ipv4Entries());
            };
            String name = host.toLowerCase(Locale.ENGLISH);
            return inOrder.map(entries -> entries.getOrDefault(name, List.of()))
                    .flatMap(List::stream)
                    .findFirst()
                    .orElse(null);
        }
    }
}
