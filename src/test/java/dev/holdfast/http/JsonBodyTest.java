package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that lenient readers take for something. */
class JsonBodyTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "\n",
                "{",
                "}",
                "{}}",
                "{}{}",
                "{} x",
                "{}\u0000",
                "\u0000{}",
                "{\u0000}",
                "[",
                "[1",
                "[1,",
                "[1,]",
                "[,1]",
                "[1 2]",
                "[1,,2]",
                "{,}",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{\"a\":1 \"b\":2}",
                "{\"a\" 1}",
                "{\"a\":1;\"b\":2}",
                "{'a':1}",
                "{a:1}",
                "{1:1}",
                "{null:1}",
                "{\"a\":'x'}",
                "{\"a\":\"x}",
                "{\"a\":\"x\ny\"}",
                "{\"a\":\"x\ty\"}",
                "{\"a\":\"\\x41\"}",
                "{\"a\":\"\\'\"}",
                "{\"a\":\"\\u12\"}",
                "{\"a\":\"\\u12G4\"}",
                "{\"a\":\"\\U0041\"}",
                "{\"a\":\"\\",
                "{\"a\":\"\\\"}",
                "{\"a\":01}",
                "{\"a\":-01}",
                "{\"a\":+1}",
                "{\"a\":-}",
                "{\"a\":.5}",
                "{\"a\":5.}",
                "{\"a\":1e}",
                "{\"a\":1e+}",
                "{\"a\":0x10}",
                "{\"a\":1_000}",
                "{\"a\":1L}",
                "{\"a\":1a}",
                "{\"a\":--1}",
                "{\"a\":NaN}",
                "{\"a\":Infinity}",
                "{\"a\":-Infinity}",
                "{\"a\":undefined}",
                "{\"a\":True}",
                "{\"a\":TRUE}",
                "{\"a\":tru}",
                "{\"a\":truex}",
                "{\"a\":nul}",
                "{\"a\":nulll}",
                "{\"a\":None}",
                "{\"a\":1}//",
                "//\n{}",
                "/**/{}",
                "{/**/\"a\":1}",
                "{\"a\":1/**/}",
                "#\n{}",
                "\uFEFF{}",
                "{\"a\":1}\uFEFF",
                "\u00A0{}",
                "\u2028{}",
                "\u000b{}",
                "\f{}",
                "{\"a\":\u00A01}",
                "\u001e{}",
                "{\"a\":1]",
                "[}",
                "{\"a\":[1}",
                "nonsense",
                "<a/>",
                "a=1&b=2"
            })
    void whatIsNotJsonIsMalformed(String body) {
        assertThat(codeOf(body.getBytes(StandardCharsets.UTF_8))).isEqualTo(ProblemCode.MALFORMED_REQUEST);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "80", // a continuation byte alone
                "c0af", // a slash in too many bytes
                "c1bf",
                "e080af",
                "f08080af",
                "c080", // NUL in two bytes
                "eda080", // a surrogate, as CESU-8 has them
                "edbfbf",
                "eda081edb080", // a pair of them
                "f4908080", // beyond Unicode
                "f8888080af",
                "fe",
                "ff",
                "c3", // broken off
                "e282",
                "f09f98"
            })
    void badUtf8IsMalformedWhereverItStands(String hex) {
        String text = "{\"a\":\"" + new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1) + "\"}";

        assertThat(codeOf(text.getBytes(StandardCharsets.ISO_8859_1))).isEqualTo(ProblemCode.MALFORMED_REQUEST);
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16", "UTF-16BE", "UTF-16LE", "UTF-32", "UTF-32BE", "UTF-32LE"})
    void otherEncodingsAreNotGuessed(String charset) {
        assertThat(codeOf("{\"a\":1}".getBytes(Charset.forName(charset)))).isEqualTo(ProblemCode.MALFORMED_REQUEST);
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "true", "1", "\"a\"", "[]", "[{}]", "1.5", "\"\\u0000\""})
    void whatIsNoObjectIsNotValid(String body) {
        assertThat(errorsOf(body)).extracting(FieldError::pointer).containsExactly("");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.0",
                "1.5",
                "1e2",
                "1E2",
                "1e-2",
                "100e0",
                "-0.0",
                "1e400",
                "1e999999999999",
                "9223372036854775807",
                "9223372036854775808",
                "-9223372036854775809",
                "18446744073709551617",
                "4294967297",
                "101",
                "-1",
                "\"1\"",
                "true",
                "{}",
                "[1]",
                "\"\\u0000\"",
                "null"
            })
    void onlyAnIntegerInItsRangeIsOne(String value) {
        JsonFields body = read("{\"n\":" + value + "}");

        assertThat(body.whole("n", 0, 100)).isZero();

        assertThat(errorsOf(body)).extracting(FieldError::pointer).containsExactly("/n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-0", "7", "100"})
    void anIntegerInItsRangeIsRead(String value) {
        JsonFields body = read(" {\r\n\t\"n\" : " + value + " } ");

        assertThat(body.whole("n", 0, 100)).isEqualTo(Long.parseLong(value));
        body.check();
    }

    @Test
    void aNumberOfAThousandDigitsIsJsonAndOutOfRange() {
        JsonFields body = read("{\"n\":" + "9".repeat(10_000) + "}");

        assertThat(body.optionalWhole("n", 0, 100)).isNotNull();

        assertThat(errorsOf(body)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\\u0000",
                "a\\u0000b",
                "\\ud800",
                "\\udc00",
                "\\ud800a",
                "\\udc00\\ud800",
                "\\ud800\\ud800\\udc00"
            })
    void aStringThatPostgresRefusesIsNotValid(String escaped) {
        JsonFields body = read("{\"s\":\"" + escaped + "\"}");

        assertThat(body.text("s", 100)).isEmpty();

        assertThat(errorsOf(body)).extracting(FieldError::pointer).containsExactly("/s");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\\ud83d\\ude00", "😀", "é", "\\u00e9", "\\/", "\u007f", "a\u2028b", "\\\\ud800", "\\\\u0000"})
    void anyOtherStringIsRead(String text) {
        JsonFields body = read("{\"s\":\"" + text + "\"}");

        assertThat(body.text("s", 100)).isNotEmpty();
        body.check();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\ud800", "\\ud800a", "\\udc00", "\\ud800\\u0000", "\\ud800\\ud800\\udc00", "a\\u0000"})
    void aNameThatPostgresRefusesIsNotValid(String escaped) {
        assertThat(codeOf(("{\"" + escaped + "\":1}").getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(ProblemCode.VALIDATION_FAILED);
    }

    @Test
    void aDuplicateNameIsNotValidHoweverItIsWritten() {
        JsonFields body = read("{\"n\":1,\"\\u006e\":1}");

        assertThat(body.whole("n", 0, 9)).isEqualTo(1);

        assertThat(errorsOf(body)).extracting(FieldError::pointer).containsExactly("/n");
    }

    @Test
    void malformedOutranksNotValid() {
        assertThat(codeOf("{\"n\":1,\"n\":1.5,\"x\":[}".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(ProblemCode.MALFORMED_REQUEST);
    }

    @Test
    void nullIsAbsentWhereAFieldIsOptional() {
        JsonFields body = read("{\"a\":null,\"b\":null,\"c\":null,\"d\":null,\"e\":null}");

        assertThat(body.optionalWhole("a", 0, 9)).isNull();
        assertThat(body.optionalText("b", 9)).isNull();
        assertThat(body.optionalIdentifier("c")).isNull();
        assertThat(body.optionalFlag("d")).isNull();
        assertThat(body.optionalTexts("e", new JsonFields.TextsLimit(1, 1, 1))).isEmpty();
        body.check();
    }

    @Test
    void namesAndTextsKeepTheirOrder() {
        JsonFields body = read("{\"t\":{\"z\":\"1\",\"a\":\"2\"}}");

        Map<String, String> texts = body.optionalTexts("t", new JsonFields.TextsLimit(2, 1, 1));

        assertThat(texts).containsExactly(Map.entry("z", "1"), Map.entry("a", "2"));
        body.check();
    }

    @ParameterizedTest
    @ValueSource(ints = {9, 100, 8000})
    void nestingIsJsonHoweverDeepItIs(int depth) {
        String nested = "[".repeat(depth) + "]".repeat(depth);
        JsonFields body = read("{\"n\":" + nested + "}");

        assertThat(body.optionalWhole("n", 0, 9)).isNotNull();

        assertThat(errorsOf(body)).extracting(FieldError::pointer).containsExactly("/n");
    }

    @ParameterizedTest
    @ValueSource(ints = {9, 100, 16_000})
    void nestingThatDoesNotEndIsMalformed(int depth) {
        assertThat(codeOf(("{\"n\":" + "[".repeat(depth)).getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(ProblemCode.MALFORMED_REQUEST);
    }

    @Test
    void aPointerIsEscapedAndCanAlwaysBeShown() {
        JsonFields body = read("{\"a/b~c\":1,\"x\\ud800\\u0000\":1,\"" + "y".repeat(500) + "\":1}");

        assertThat(errorsOf(body))
                .extracting(FieldError::pointer)
                .containsExactly("/a~1b~0c", "/x\uFFFD\uFFFD", "/" + "y".repeat(64));
    }

    private static JsonFields read(String body) {
        return JsonBody.read(body.getBytes(StandardCharsets.UTF_8));
    }

    private static ProblemCode codeOf(byte[] body) {
        return catchThrowableOfType(
                        ProblemException.class, () -> JsonBody.read(body).check())
                .problem()
                .code();
    }

    private static List<FieldError> errorsOf(String body) {
        return catchThrowableOfType(ProblemException.class, () -> read(body))
                .problem()
                .errors();
    }

    private static List<FieldError> errorsOf(JsonFields body) {
        return catchThrowableOfType(ProblemException.class, body::check)
                .problem()
                .errors();
    }
}
