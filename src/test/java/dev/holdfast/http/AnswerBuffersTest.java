package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerBuffersTest {

    @Test
    void headAndBodyOfAUsualAnswerAreOneBuffer() {
        String body = "x".repeat(1_200);

        List<String> sent = sent(body);

        assertThat(sent).hasSize(1);
        assertThat(sent.getFirst()).startsWith("HTTP/1.1 201 Created\r\n").endsWith("\r\n\r\n" + body);
    }

    @Test
    void aLongBodyIsNotCopied() {
        String body = "x".repeat(20_000);

        List<String> sent = sent(body);

        assertThat(sent).hasSize(2);
        assertThat(sent.getLast()).isEqualTo(body);
    }

    private static List<String> sent(String body) {
        EmbeddedChannel channel = new EmbeddedChannel(new HttpResponseEncoder());
        channel.config().setAllocator(new AnswerBuffers(channel.alloc()));

        channel.writeOutbound(new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.CREATED,
                Unpooled.copiedBuffer(body, StandardCharsets.US_ASCII)));

        List<String> buffers = new ArrayList<>();
        for (ByteBuf buffer = channel.readOutbound(); buffer != null; buffer = channel.readOutbound()) {
            buffers.add(buffer.toString(StandardCharsets.US_ASCII));
            buffer.release();
        }
        channel.finishAndReleaseAll();
        return buffers;
    }
}
