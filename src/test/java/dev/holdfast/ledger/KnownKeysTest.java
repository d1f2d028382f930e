package dev.holdfast.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.ledger.KnownKeys.Known;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

class KnownKeysTest {

    private final KnownKeys keys = new KnownKeys(InstantSource.system(), new KeyUses(null));

    @Test
    void anAnswerThatWasAskedForBeforeAKeyWasMadeDoesNotTakeItAway() {
        long asked = keys.ticket();
        keys.add(key(1));

        keys.replace(asked, List.of());

        assertThat(keys.find(key(1).digest())).isPresent();
    }

    @Test
    void anAnswerThatWasAskedForBeforeAKeyWasRevokedDoesNotBringItBack() {
        keys.add(key(1));
        long asked = keys.ticket();
        keys.remove(1);

        keys.replace(asked, List.of(key(1)));

        assertThat(keys.find(key(1).digest())).isEmpty();
    }

    @Test
    void anAnswerThatWasOvertakenIsForgotten() {
        long first = keys.ticket();
        long second = keys.ticket();
        keys.replace(second, List.of(key(2)));

        keys.replace(first, List.of(key(1)));

        assertThat(keys.find(key(1).digest())).isEmpty();
        assertThat(keys.find(key(2).digest())).isPresent();
    }

    private static Known key(long id) {
        return new Known(
                KeyDigest.of("key-" + id), new ApiKey(id, "shop", KeyScope.CHECKOUT, 0, "alice", null, null, null));
    }
}
