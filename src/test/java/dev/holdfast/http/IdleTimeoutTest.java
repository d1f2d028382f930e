package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a connection is idle, by a clock that the test moves. */
@SuppressWarnings("FutureReturnValueIgnored") // what an embedded channel was asked is done when it is asked
class IdleTimeoutTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final EmbeddedChannel connection = new EmbeddedChannel();

    @BeforeEach
    void watchIt() {
        connection.freezeTime();
        connection.pipeline().addLast(new IdleTimeout(TIMEOUT));
    }

    @AfterEach
    void close() {
        connection.finishAndReleaseAll();
    }

    @Test
    void nothingWasAsked() {
        pass(Duration.ofSeconds(29));
        assertThat(connection.isOpen()).isTrue();

        pass(Duration.ofSeconds(2));

        assertThat(connection.isOpen()).isFalse();
    }

    @Test
    void workHasNoLimitAndTheTimeBeginsWhenItIsAnswered() {
        ask();
        pass(Duration.ofHours(2));
        assertThat(connection.isOpen()).isTrue();

        answer();
        pass(Duration.ofSeconds(29));
        assertThat(connection.isOpen()).isTrue();
        pass(Duration.ofSeconds(2));

        assertThat(connection.isOpen()).isFalse();
    }

    @Test
    void eachOfPipelinedRequestsIsWorkUntilItIsAnswered() {
        ask();
        ask();
        answer();

        pass(Duration.ofHours(2));
        assertThat(connection.isOpen()).isTrue();
        answer();
        pass(Duration.ofSeconds(31));

        assertThat(connection.isOpen()).isFalse();
    }

    @Test
    void whoIsToldToContinueHasNotBeenAnswered() {
        ask();
        connection.writeOutbound(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));

        pass(Duration.ofHours(2));

        assertThat(connection.isOpen()).isTrue();
    }

    @Test
    void anAnswerThatGoesOnInPartsIsWork() {
        ask();
        connection.writeOutbound(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
        pass(Duration.ofHours(2));
        connection.writeOutbound(content());
        pass(Duration.ofHours(2));
        assertThat(connection.isOpen()).isTrue();

        connection.writeOutbound(LastHttpContent.EMPTY_LAST_CONTENT);
        pass(Duration.ofSeconds(31));

        assertThat(connection.isOpen()).isFalse();
    }

    @Test
    void aReaderThatTakesNothingIsCutOffThoughMoreIsToCome() {
        ask();
        connection.write(content());

        pass(Duration.ofSeconds(31));
        assertThat(connection.isOpen()).isTrue();
        pass(Duration.ofSeconds(30));

        assertThat(connection.isOpen()).isFalse();
    }

    @Test
    void aReaderThatTakesALittleIsNot() {
        ask();
        connection.write(content());
        for (int minutes = 0; minutes < 100; minutes++) {
            connection.flush();
            connection.write(content());
            connection.write(content());
            pass(Duration.ofSeconds(50));
        }

        assertThat(connection.isOpen()).isTrue();
    }

    private void ask() {
        connection.writeInbound(new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/"));
    }

    private void answer() {
        connection.writeOutbound(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
    }

    private static DefaultHttpContent content() {
        return new DefaultHttpContent(Unpooled.copiedBuffer(new byte[100]));
    }

    /** In small steps, as real time does: what is due in one of them runs in it. */
    private void pass(Duration time) {
        for (long second = 0; second < time.toSeconds(); second++) {
            connection.advanceTimeBy(1, TimeUnit.SECONDS);
            connection.runScheduledPendingTasks();
        }
    }
}
