package dev.holdfast.http;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * Gives a connection buffers that have room for a whole usual answer. Netty's encoder copies a body into the buffer of its head where that
 * has room, and one buffer is sent; else it sends two, and that costs a hold about 2 us more than the copy (decision 0016). Safe for all
 * threads.
 */
final class AnswerBuffers extends AbstractByteBufAllocator {

    /** The head and the body of an answer about a reservation of up to twenty lines, bytes. */
    private static final int USUAL_ANSWER = 2048;

    private final ByteBufAllocator buffers;

    /** Takes the buffers from this allocator. */
    AnswerBuffers(ByteBufAllocator buffers) {
        super(true);
        this.buffers = buffers;
    }

    /** From now on, on the connection's event loop. */
    static void use(HttpConnection connection) {
        Channel channel = ((ConnectionBase) connection).channel();
        channel.config().setAllocator(new AnswerBuffers(channel.alloc()));
    }

    @Override
    protected ByteBuf newHeapBuffer(int capacity, int most) {
        return buffers.heapBuffer(capacity, most);
    }

    @Override
    protected ByteBuf newDirectBuffer(int capacity, int most) {
        return buffers.directBuffer(Math.min(most, Math.max(capacity, USUAL_ANSWER)), most);
    }

    @Override
    public boolean isDirectBufferPooled() {
        return buffers.isDirectBufferPooled();
    }
}
