package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.ledger.KeyHolder;
import dev.holdfast.ledger.KeyScope;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiKeysTest {

    private final ApiKeys keys = new ApiKeys(
            Map.of("shop", "checkout-key", "app", "other-key"), Map.of("ops", "admin-key"), none -> Optional.empty());

    @Test
    void aKeyOfTheEnvironmentIsItsHolders() {
        assertThat(keys.holder(List.of("Bearer checkout-key")))
                .hasValue(KeyHolder.ofEnvironment(KeyScope.CHECKOUT, "shop"));
        assertThat(keys.holder(List.of("Bearer other-key")))
                .hasValue(KeyHolder.ofEnvironment(KeyScope.CHECKOUT, "app"));
        assertThat(keys.holder(List.of("bearer  admin-key "))).hasValue(KeyHolder.ofEnvironment(KeyScope.ADMIN, "ops"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Bearer",
                "Bearer ",
                "checkout-key",
                "Bearer checkout-ke",
                "Bearer checkout-keyy",
                "Bearer CHECKOUT-KEY",
                "Basic checkout-key",
                "Bearer checkout-key,admin-key"
            })
    void anythingElseIsNobodys(String authorization) {
        assertThat(keys.holder(List.of(authorization))).isEmpty();
    }

    @Test
    void twoHeadersAreNobodys() {
        assertThat(keys.holder(List.of("Bearer checkout-key", "Bearer checkout-key")))
                .isEmpty();
        assertThat(keys.holder(List.of())).isEmpty();
    }
}
