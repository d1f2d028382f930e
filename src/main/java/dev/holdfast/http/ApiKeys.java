package dev.holdfast.http;

import dev.holdfast.ledger.KeyDigest;
import dev.holdfast.ledger.KeyHolder;
import dev.holdfast.ledger.KeyScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Who may call: keys of the environment, and those that admins made. Safe for all threads. */
public final class ApiKeys {

    private record OfEnvironment(KeyDigest digest, Optional<KeyHolder> holder) {}

    private static final String SCHEME = "bearer ";

    private final List<OfEnvironment> ofEnvironment = new ArrayList<>();
    private final Function<KeyDigest, Optional<KeyHolder>> made;

    /**
     * Keys of the environment by their names.
     *
     * @param made whose key it is among those that admins made; must not block
     */
    public ApiKeys(
            Map<String, String> checkoutKeys,
            Map<String, String> adminKeys,
            Function<KeyDigest, Optional<KeyHolder>> made) {
        checkoutKeys.forEach((name, key) -> add(KeyScope.CHECKOUT, name, key));
        adminKeys.forEach((name, key) -> add(KeyScope.ADMIN, name, key));
        this.made = made;
    }

    private void add(KeyScope scope, String name, String key) {
        ofEnvironment.add(new OfEnvironment(KeyDigest.of(key), Optional.of(KeyHolder.ofEnvironment(scope, name))));
    }

    /** The holder of the key in the Authorization headers of one request; empty where there is none or no such key. */
    Optional<KeyHolder> holder(List<String> authorizations) {
        if (authorizations.size() != 1) {
            return Optional.empty();
        }
        String authorization = authorizations.get(0);
        if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return Optional.empty();
        }
        KeyDigest given = KeyDigest.of(authorization.substring(SCHEME.length()).strip());
        // People thought these up, so a few bits of a digest could lead to one: all are compared, that the time tells
        // nothing.
        Optional<KeyHolder> found = Optional.empty();
        for (int i = 0; i < ofEnvironment.size(); i++) {
            OfEnvironment key = ofEnvironment.get(i);
            if (key.digest().equals(given)) {
                found = key.holder();
            }
        }
        return found.isPresent() ? found : made.apply(given);
    }
}
