package dev.holdfast.redis;

import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.handler.flush.FlushConsolidationHandler;

/** Writes all commands of one turn of the event loop to the socket at once: a system call costs more than a command does. */
final class FlushOnceATurn implements NettyCustomizer {

    /** Commands that are written at once even if the turn has not ended: it keeps Redis busy meanwhile. */
    private static final int MOST_COMMANDS = 64;

    @Override
    public void afterChannelInitialized(Channel channel) {
        channel.pipeline().addFirst(new FlushConsolidationHandler(MOST_COMMANDS, true));
    }
}
