package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProblemCodeTest {

    /** As callers were promised it. A code that is gone, or has another status, breaks them. */
    private static final String CONTRACT = """
            400 malformed-request idempotency-key-missing idempotency-key-invalid
            401 unauthorized
            403 forbidden
            404 not-found sale-not-found reservation-not-found order-not-found sku-not-found key-not-found
            405 method-not-allowed
            408 request-timeout
            409 out-of-stock purchase-limit sale-not-open sale-closed sale-paused
            409 reservation-expired reservation-released reservation-confirmed
            409 hold-limit version-conflict capacity-below-use sale-locked key-limit
            409 not-replayable would-lose
            413 payload-too-large
            414 uri-too-long
            415 unsupported-media-type
            422 validation-failed unknown-sku receipt-invalid idempotency-key-reused
            429 too-many-requests
            431 headers-too-large
            500 internal-error
            503 outcome-unknown recovering redis-unavailable postgres-unavailable overloaded draining
            """;

    @Test
    void theCodesAreThoseOfTheContract() {
        Map<String, Integer> contract = new TreeMap<>();
        CONTRACT.lines().forEach(line -> {
            String[] words = line.split(" ", -1);
            Arrays.stream(words).skip(1).forEach(code -> contract.put(code, Integer.valueOf(words[0])));
        });

        Map<String, Integer> ours =
                Arrays.stream(ProblemCode.values()).collect(Collectors.toMap(ProblemCode::word, ProblemCode::status));

        assertThat(ours).containsExactlyInAnyOrderEntriesOf(contract);
    }

    @ParameterizedTest
    @EnumSource(ProblemCode.class)
    void whatMayBeRetriedSaysWhen(ProblemCode code) {
        boolean passes = code.status() == 503 || code.status() == 429;

        assertThat(code.retryAfterSeconds() > 0).isEqualTo(passes);
    }

    @ParameterizedTest
    @EnumSource(ProblemCode.class)
    void everyCodeIsFoundByItsWord(ProblemCode code) {
        assertThat(ProblemCode.ofWord(code.word())).hasValue(code);
    }
}
