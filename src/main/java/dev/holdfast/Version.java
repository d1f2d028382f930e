package dev.holdfast;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version that the build wrote into the program. */
public final class Version {
    private Version() {}

    /** Answers the version of this build, as in {@code 0.1.0}. */
    public static String current() {
        Properties properties = new Properties();
        try (InputStream in = Version.class.getResourceAsStream("/holdfast-version.properties")) {
            if (in == null) {
                throw new IllegalStateException("holdfast-version.properties is not on the class path");
            }
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read holdfast-version.properties", e);
        }
        String version = properties.getProperty("version");
        if (version == null) {
            throw new IllegalStateException("holdfast-version.properties names no version");
        }
        return version;
    }
}
