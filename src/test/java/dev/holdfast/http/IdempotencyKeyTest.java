package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdempotencyKeyTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "abc | abc",
                "\"abc\" | abc",
                "a b | a b",
                "\"a b\" | a b",
                "a\"b | a\"b",
                "\"a\\\"b\" | a\"b",
                "\"a\\\\b\" | a\\b",
                "a\\b | a\\b",
                "8e03978e-40d5-43dd-bc93-6894a57f9324 | 8e03978e-40d5-43dd-bc93-6894a57f9324",
                "~ | ~"
            })
    void aKeyIsTheSameBareAndQuoted(String header, String key) {
        assertThat(IdempotencyKey.of(List.of(header))).isEqualTo(key);
    }

    @Test
    void withoutAHeaderThereIsNoKey() {
        assertThat(IdempotencyKey.of(List.of())).isNull();
    }

    @Test
    void itsLengthIsCountedWithoutQuotes() {
        String longest = "k".repeat(255);

        assertThat(IdempotencyKey.of(List.of(longest))).isEqualTo(longest);
        assertThat(IdempotencyKey.of(List.of('"' + longest + '"'))).isEqualTo(longest);
        assertInvalid(List.of(longest + "k"));
        assertInvalid(List.of('"' + longest + "k\""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\"",
                "\"\"",
                "\"a",
                "\"a\"b\"",
                "\"a\";p=1",
                "\"a\\b\"",
                "\"a\\",
                "\"a\\\"",
                "a\tb",
                "\u007f",
                "é",
                "\u0001"
            })
    void anythingElseIsInvalid(String header) {
        assertInvalid(List.of(header));
    }

    @Test
    void twoHeadersAreInvalid() {
        assertInvalid(List.of("a", "a"));
    }

    private static void assertInvalid(List<String> headers) {
        ProblemException invalid = catchThrowableOfType(ProblemException.class, () -> IdempotencyKey.of(headers));
        assertThat(invalid.problem().code()).isEqualTo(ProblemCode.IDEMPOTENCY_KEY_INVALID);
    }
}
