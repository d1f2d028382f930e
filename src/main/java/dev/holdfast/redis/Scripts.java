package dev.holdfast.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Collectors;

/** The full text of every script, includes put in, with the SHA-1 by which Redis knows it. */
public final class Scripts {

    private static final String INCLUDE = "--@include ";

    private final Map<Script, String> texts;
    private final Map<Script, String> digests = new EnumMap<>(Script.class);

    private Scripts(Map<Script, String> texts) {
        this.texts = texts;
        texts.forEach((script, text) -> digests.put(script, sha1(text)));
    }

    /** As they are on the class path. Throws IllegalStateException where a file or an include is missing. */
    public static Scripts bundled() {
        Map<Script, String> texts = new EnumMap<>(Script.class);
        for (Script script : Script.values()) {
            texts.put(script, withIncludes(script.fileName(), read(script.fileName())));
        }
        return new Scripts(texts);
    }

    /** The same with other texts for some scripts: a test plants its bugs so. */
    public Scripts with(Map<Script, String> altered) {
        Map<Script, String> all = new EnumMap<>(texts);
        all.putAll(altered);
        return new Scripts(all);
    }

    /** What Redis runs. */
    public String text(Script script) {
        return of(texts, script);
    }

    /** The text's SHA-1, in hex. */
    public String digest(Script script) {
        return of(digests, script);
    }

    /** Puts in place of every {@code --@include name} line the text of include/name.lua. */
    static String withIncludes(String fileName, String text) {
        return text.lines()
                .map(line -> line.startsWith(INCLUDE) ? included(fileName, line.substring(INCLUDE.length())) : line)
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static String included(String fileName, String name) {
        try {
            return read("include/" + name + ".lua").stripTrailing();
        } catch (IllegalStateException e) {
            throw new IllegalStateException(fileName + " includes the unknown " + name, e);
        }
    }

    private static String read(String fileName) {
        try (InputStream file = Scripts.class.getResourceAsStream("/lua/" + fileName)) {
            if (file == null) {
                throw new IllegalStateException("no script lua/" + fileName);
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read lua/" + fileName, e);
        }
    }

    private static String sha1(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-1 is part of every JDK", e);
        }
    }

    private static String of(Map<Script, String> map, Script script) {
        String value = map.get(script);
        if (value == null) {
            throw new IllegalStateException("no script " + script);
        }
        return value;
    }
}
