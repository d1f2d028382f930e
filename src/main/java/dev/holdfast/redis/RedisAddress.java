package dev.holdfast.redis;

import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisURI;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where Redis is, in the words of its URI, for whoever reaches it with another driver.
 *
 * @param server redis:// or rediss:// with nothing but host and port
 * @param user null for the default one
 * @param password null for none
 * @param database the number of it
 */
public record RedisAddress(
        String server, @Nullable String user, @Nullable String password, int database) {

    /** As lettuce reads the URI, so that both drivers come to the same place. Throws IllegalArgumentException where it is none. */
    public static RedisAddress of(String text) {
        RedisURI uri = RedisURI.create(text);
        RedisCredentials credentials = Objects.requireNonNull(
                uri.getCredentialsProvider().resolveCredentials().block(), "a URI's credentials are there or empty");
        char[] password = credentials.getPassword();
        return new RedisAddress(
                (uri.isSsl() ? "rediss://" : "redis://") + uri.getHost() + ':' + uri.getPort(),
                credentials.getUsername(),
                password == null || password.length == 0 ? null : new String(password),
                uri.getDatabase());
    }

    @Override
    public String toString() {
        return "RedisAddress[server=" + server + ", database=" + database + "]";
    }
}
