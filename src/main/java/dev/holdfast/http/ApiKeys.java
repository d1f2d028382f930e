package dev.holdfast.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who may call: keys of checkouts and of admins. Safe for all threads. */
public final class ApiKeys {

    /** What a key is for. */
    enum Role {
        CHECKOUT,
        ADMIN
    }

    /**
     * Whose key it was.
     *
     * @param name of the key, as in the settings
     */
    record Holder(Role role, String name) {}

    private static final String SCHEME = "bearer ";

    /** Clean again after each use; to find a new one takes as long as to use it. */
    private static final ThreadLocal<MessageDigest> SHA_256 = ThreadLocal.withInitial(ApiKeys::sha256);

    private final Map<Holder, byte[]> digests = new LinkedHashMap<>();

    /** Keys by their names. */
    public ApiKeys(Map<String, String> checkoutKeys, Map<String, String> adminKeys) {
        checkoutKeys.forEach((name, key) -> digests.put(new Holder(Role.CHECKOUT, name), digest(key)));
        adminKeys.forEach((name, key) -> digests.put(new Holder(Role.ADMIN, name), digest(key)));
    }

    /** The holder of the key in the Authorization headers of one request; empty where there is none or no such key. */
    Optional<Holder> holder(List<String> authorizations) {
        if (authorizations.size() != 1) {
            return Optional.empty();
        }
        String authorization = authorizations.get(0);
        if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return Optional.empty();
        }
        // All keys are compared, by digests of one length, so that the time tells nothing about any of them.
        byte[] given = digest(authorization.substring(SCHEME.length()).strip());
        Optional<Holder> found = Optional.empty();
        for (Map.Entry<Holder, byte[]> key : digests.entrySet()) {
            if (MessageDigest.isEqual(key.getValue(), given)) {
                found = Optional.of(key.getKey());
            }
        }
        return found;
    }

    private static byte[] digest(String key) {
        return SHA_256.get().digest(key.getBytes(StandardCharsets.UTF_8));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every JDK", e);
        }
    }
}
