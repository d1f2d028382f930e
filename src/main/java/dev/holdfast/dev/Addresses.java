package dev.holdfast.dev;

import dev.holdfast.Holdfast;
import dev.holdfast.Settings;
import java.util.Map;

/**
 * Where the running service is reached from this machine, and with which keys.
 *
 * @param publicUrl as in {@code http://127.0.0.1:8080}
 * @param adminUrl as in {@code http://127.0.0.1:8081}
 */
record Addresses(String publicUrl, String adminUrl, String checkoutKey, String adminKey) {

    /** Those of this service; of several keys the one whose name comes first. */
    static Addresses of(Holdfast service, Settings settings) {
        return new Addresses(
                url(settings.publicListener(), service.publicPort()),
                url(settings.adminListener(), service.adminPort()),
                firstKey(settings.checkoutKeys()),
                firstKey(settings.adminKeys()));
    }

    private static String url(Settings.Listener listener, int port) {
        String host = listener.host();
        if (host.equals("0.0.0.0") || host.equals("::")) {
            host = "127.0.0.1";
        }
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    private static String firstKey(Settings.Keys keys) {
        return keys.byName().entrySet().stream()
                .min(Map.Entry.comparingByKey())
                .orElseThrow()
                .getValue();
    }
}
