package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The program with some of its text altered: a folder of classes and resources that goes before the others on a class path. So a bug can be
 * planted, or a clock be stepped, and the program itself has no switch for that.
 */
final class AlteredProgram {

    private static final Path JAVA = Path.of("src", "main", "java", "dev", "holdfast");
    private static final Path RESOURCES = Path.of("src", "main", "resources");

    private final Map<Path, String> altered = new LinkedHashMap<>();

    /** A source of Java, as {@code redis/RedisLaneTrust.java}, says something else. Fails where it does not say {@code right}. */
    AlteredProgram in(String source, String right, String wrong) {
        return alter(JAVA.resolve(source), right, wrong);
    }

    /** A resource, as {@code lua/include/lane.lua}, says something else. */
    AlteredProgram inResource(String resource, String right, String wrong) {
        return alter(RESOURCES.resolve(resource), right, wrong);
    }

    private AlteredProgram alter(Path file, String right, String wrong) {
        String text = altered.computeIfAbsent(file, AlteredProgram::read);
        assertThat(text).as("%s", file).contains(right);
        altered.put(file, text.replace(right, wrong));
        return this;
    }

    /** Compiles what was altered into this folder. */
    Path into(Path folder) {
        try {
            Path sources = Files.createDirectories(folder.resolve("sources"));
            Path classes = Files.createDirectories(folder.resolve("classes"));
            for (Map.Entry<Path, String> file : altered.entrySet()) {
                boolean java = file.getKey().startsWith(JAVA);
                Path relative = (java ? JAVA : RESOURCES).relativize(file.getKey());
                Path to = (java ? sources.resolve("dev").resolve("holdfast") : classes).resolve(relative.toString());
                Files.createDirectories(to.getParent());
                Files.writeString(to, file.getValue());
            }
            compile(sources, classes);
            return classes;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the altered program to " + folder, e);
        }
    }

    private static void compile(Path sources, Path classes) throws IOException {
        List<Path> files;
        try (var all = Files.walk(sources)) {
            files = all.filter(file -> file.toString().endsWith(".java")).toList();
        }
        if (files.isEmpty()) {
            return;
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            Iterable<? extends JavaFileObject> units = manager.getJavaFileObjectsFromPaths(files);
            StringWriter said = new StringWriter();
            boolean compiled = compiler.getTask(
                            said,
                            manager,
                            null,
                            List.of("-proc:none", "-nowarn", "-d", classes.toString(), "-cp", NodeProcess.classPath()),
                            null,
                            units)
                    .call();
            assertThat(compiled).as("%s", said).isTrue();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
