package dev.holdfast.gatling;

import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.randomSwitch;

import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.Choice;

/**
 * What buyers do with their holds, in percent; the rest vanishes and leaves its holds to expire.
 */
record Shares(int confirm, int release) {
    Shares {
        if (confirm + release > 100) {
            throw new IllegalArgumentException(
                    "holdfast.confirm and holdfast.release are over 100 %: " + confirm + " + " + release);
        }
    }

    static Shares read(Settings settings, int confirm, int release) {
        return new Shares(settings.percent("confirm", confirm), settings.percent("release", release));
    }

    ChainBuilder choose(Checkout checkout) {
        return exec(randomSwitch()
                .on(
                        new Choice.WithWeight(confirm, checkout.confirm()),
                        new Choice.WithWeight(release, checkout.release())));
    }
}
