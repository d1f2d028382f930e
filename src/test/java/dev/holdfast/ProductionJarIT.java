package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

class ProductionJarIT {
    private static final Path JAR = Path.of(System.getProperty("holdfast.jar", "target/holdfast.jar"));

    @Test
    void theJarStartsTheProgramAndHoldsNothingOfDevMode() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            List<String> names = jar.stream().map(ZipEntry::getName).toList();

            assertThat(jar.getManifest().getMainAttributes().getValue("Main-Class"))
                    .isEqualTo(Main.class.getName());
            assertThat(names)
                    .contains("dev/holdfast/Main.class")
                    .noneMatch(name -> name.startsWith("dev/holdfast/dev/"))
                    .noneMatch(name -> name.startsWith("io/zonky/"))
                    .noneMatch(name -> name.startsWith("redis/embedded/"));
        }
    }
}
