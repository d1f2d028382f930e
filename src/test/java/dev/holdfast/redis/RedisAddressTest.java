package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RedisAddressTest {

    @Test
    void aPlainUriNamesNothingButAServer() {
        assertThat(RedisAddress.of("redis://shop.example"))
                .isEqualTo(new RedisAddress("redis://shop.example:6379", null, null, 0));
    }

    @Test
    void userPasswordAndDatabaseAreReadAsLettuceReadsThem() {
        assertThat(RedisAddress.of("rediss://anna:s%2Fcret@10.0.0.1:7000/3"))
                .isEqualTo(new RedisAddress("rediss://10.0.0.1:7000", "anna", "s/cret", 3));
        assertThat(RedisAddress.of("redis://:secret@10.0.0.1/0").password()).isEqualTo("secret");
        assertThat(RedisAddress.of("redis://secret@10.0.0.1")).hasFieldOrPropertyWithValue("password", "secret");
    }

    @Test
    void anAddressOfSixteenBytesKeepsItsBrackets() {
        assertThat(RedisAddress.of("redis://[::1]:6380").server()).isEqualTo("redis://[::1]:6380");
    }

    @Test
    void itsTextHasNoPassword() {
        assertThat(RedisAddress.of("redis://anna:secret@10.0.0.1").toString()).doesNotContain("secret", "anna");
    }
}
