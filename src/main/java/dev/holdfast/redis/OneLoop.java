package dev.holdfast.redis;

import io.lettuce.core.resource.EpollProvider;
import io.lettuce.core.resource.EventLoopGroupProvider;
import io.lettuce.core.resource.Transports;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.util.concurrent.TimeUnit;

/** Hands lettuce the one loop that Vert.x owns: given out as often as asked for, and never shut down from here. */
final class OneLoop implements EventLoopGroupProvider {

    private final EventLoop loop;

    /** Throws IllegalStateException where lettuce's sockets cannot run on this loop. */
    OneLoop(EventLoop loop) {
        boolean nativeSockets = usesNativeSockets();
        boolean nativeLoop = !(loop instanceof IoEventLoop io && io.isIoType(NioIoHandler.class));
        if (nativeSockets != nativeLoop) {
            throw new IllegalStateException("the Redis client's " + transport(nativeSockets)
                    + " sockets cannot run on Vert.x's " + transport(nativeLoop)
                    + " event loop: start Vert.x with setPreferNativeTransport(true)");
        }
        this.loop = loop;
    }

    /** Whether lettuce takes epoll or kqueue, which it does wherever they are there. */
    static boolean usesNativeSockets() {
        return Transports.socketChannelClass() != NioSocketChannel.class;
    }

    /** Whether sockets know TCP_USER_TIMEOUT. */
    static boolean usesEpoll() {
        return EpollProvider.isAvailable();
    }

    @Override
    @SuppressWarnings("unchecked") // lettuce asks by class only to tell native from NIO loops, which was checked
    public <T extends EventLoopGroup> T allocate(Class<T> type) {
        return (T) loop;
    }

    @Override
    public int threadPoolSize() {
        return 1;
    }

    @Override
    public Future<Boolean> release(EventExecutorGroup group, long quietPeriod, long timeout, TimeUnit unit) {
        return ImmediateEventExecutor.INSTANCE.newSucceededFuture(true);
    }

    @Override
    public Future<Boolean> shutdown(long quietPeriod, long timeout, TimeUnit unit) {
        return ImmediateEventExecutor.INSTANCE.newSucceededFuture(true);
    }

    private static String transport(boolean isNative) {
        return isNative ? "native" : "NIO";
    }
}
