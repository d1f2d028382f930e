package dev.holdfast.gatling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.gatling.history.Hold;
import dev.holdfast.gatling.history.Line;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerTest {

    @Test
    void anAcceptedHoldIsRead() {
        Answer answer = Answer.of(201, """
                {"reservationId":"r-1","customerId":"c-1","state":"held","items":[{"sku":"SKU-0","quantity":2}],
                 "heldAt":"1970-01-01T00:00:01.500Z","expiresAt":"1970-01-01T00:01:01.500Z"}""");

        assertThat(answer.accepted()).isTrue();
        assertThat(answer.hold()).isEqualTo(new Hold("r-1", "c-1", List.of(new Line("SKU-0", 2)), 1_500, 61_500));
    }

    @Test
    void aRefusalIsAnAnswer() {
        Answer answer = Answer.of(409, "{\"code\":\"out-of-stock\"}");

        assertThat(answer.refused()).isTrue();
        assertThat(answer.unknown()).isFalse();
        assertThat(answer.code()).isEqualTo("out-of-stock");
    }

    @Test
    void withoutAnAnswerNothingIsKnown() {
        assertThat(Answer.NONE.unknown()).isTrue();
        assertThat(Answer.of(503, "{\"code\":\"outcome-unknown\"}").unknown()).isTrue();
        assertThat(Answer.of(502, "<html>").code()).isEmpty();
    }
}
