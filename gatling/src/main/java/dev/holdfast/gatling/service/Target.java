package dev.holdfast.gatling.service;

import dev.holdfast.gatling.Settings;
import java.net.URI;

/**
 * Where the service is, and the keys to it.
 *
 * @param url of the public listener
 * @param adminUrl of the admin listener
 */
public record Target(URI url, URI adminUrl, String checkoutKey, String adminKey) {

    /** One setting says it all where the admin listener has the next port, as it has by default. */
    public static Target read(Settings settings) {
        URI url = URI.create(settings.text("url", "http://127.0.0.1:8080"));
        URI adminUrl = URI.create(settings.text("adminUrl", nextPort(url).toString()));
        return new Target(
                url,
                adminUrl,
                settings.secret("checkoutKey", "dev-checkout-key"),
                settings.secret("adminKey", "dev-admin-key"));
    }

    private static URI nextPort(URI url) {
        if (url.getScheme() == null || url.getHost() == null || url.getPort() < 0) {
            throw new IllegalArgumentException("holdfast.url: not like http://127.0.0.1:8080: " + url);
        }
        return URI.create("%s://%s:%d".formatted(url.getScheme(), url.getHost(), url.getPort() + 1));
    }
}
