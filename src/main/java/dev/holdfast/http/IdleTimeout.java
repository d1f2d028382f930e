package dev.holdfast.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes a connection on which nobody works: no whole request head arrives, or the reader takes nothing of its answer. A request that is
 * being worked on keeps its connection for as long as that takes; its body has {@link BodyDeadline}. Vert.x's own idle time-out cannot
 * tell the one from the other. One for a connection, on its event loop.
 */
final class IdleTimeout extends IdleStateHandler {

    private static final Logger LOG = LoggerFactory.getLogger(IdleTimeout.class);

    /** Vert.x's name for the handler that turns messages into requests. What stands before it sees whole heads, never their pieces. */
    private static final String VERTX = "handler";

    /** Requests whose head has arrived and whose answer is not yet written to its end; more than one where they are pipelined. */
    private int atWork;

    IdleTimeout(Duration timeout) {
        super(true, 0, 0, timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Watches the connection from now on, on its event loop. */
    static void watch(HttpConnection connection, Duration timeout) {
        ((ConnectionBase) connection).channel().pipeline().addBefore(VERTX, "idle-timeout", new IdleTimeout(timeout));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        if (message instanceof HttpRequest) {
            atWork++;
        }
        super.channelRead(context, message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
        if (message instanceof LastHttpContent && !isInterim(message)) {
            atWork--;
        }
        super.write(context, message, promise);
    }

    /** The likes of 100 Continue: the answer is still to come. */
    private static boolean isInterim(Object message) {
        return message instanceof HttpResponse response
                && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    }

    /** For the whole time-out no message came in and none went out; from the second event on in a row, no byte went out either. */
    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // nobody is left to tell of it
    protected void channelIdle(ChannelHandlerContext context, IdleStateEvent event) {
        if (isWriting(context) ? event.isFirst() : atWork > 0) {
            return;
        }
        LOG.debug("{} is closed: nobody works on it", context.channel());
        // Not Vert.x's close, which waits until the reader has taken what was written.
        context.close();
    }

    private static boolean isWriting(ChannelHandlerContext context) {
        ChannelOutboundBuffer written = context.channel().unsafe().outboundBuffer();
        return written != null && written.totalPendingWriteBytes() > 0;
    }
}
