package dev.holdfast;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the packages to the arrows of ARCHITECTURE.md and the drivers to their rooms. */
class ArchitectureTest {
    private static final String ROOT = "dev.holdfast";

    /** What each package may use of ours, besides itself; the empty name is the root. A new package starts with a line here. */
    private static final Map<String, List<String>> ARROWS = Map.of(
            "metrics", List.of(),
            "reservation", List.of(),
            "redis", List.of("reservation", "metrics"),
            "ledger", List.of("reservation", "metrics"),
            "recorder", List.of("redis", "ledger", "reservation", "metrics"),
            "admin", List.of("reservation", "redis", "ledger", "metrics"),
            "checkout", List.of("reservation", "redis", "ledger", "metrics"),
            "cli", List.of("", "admin", "reservation", "redis", "ledger", "metrics"),
            "http", List.of("reservation", "redis", "ledger", "admin", "checkout", "metrics"));

    /** Which packages may use a driver. The empty name is the root, where the parts are put together. */
    private static final Map<String, List<String>> ROOMS = Map.of(
            "io.lettuce", List.of("redis", "dev"),
            "org.redisson", List.of("admin"),
            "io.vertx.pgclient", List.of("ledger", "recorder", ""),
            "io.vertx.sqlclient", List.of("ledger", "recorder", ""),
            "io.vertx.ext.web", List.of("http"),
            "picocli", List.of("cli"),
            "com.fasterxml.jackson", List.of("http", "admin", "ledger", "recorder", "dev"));

    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    @ParameterizedTest(name = "{0} -> {1}")
    @MethodSource("arrows")
    void packagesUseOnlyWhatTheirArrowsAllow(String name, List<String> allowed) {
        String[] reachable = Stream.concat(Stream.of(name), allowed.stream())
                .map(ArchitectureTest::withSubpackages)
                .toArray(String[]::new);

        classes()
                .that()
                .resideInAPackage(withSubpackages(name))
                .should()
                .onlyDependOnClassesThat(resideOutsideOfPackage(ROOT + "..").or(resideInAnyPackage(reachable)))
                .allowEmptyShould(true)
                .check(OURS);
    }

    @Test
    void everyPackageHasItsArrows() {
        Stream<String> packages = OURS.stream()
                .map(JavaClass::getPackageName)
                .filter(name -> name.startsWith(ROOT + "."))
                .map(name -> name.substring(ROOT.length() + 1).split("\\.", -1)[0])
                .filter(name -> !name.equals("dev"));

        assertThat(packages).isSubsetOf(ARROWS.keySet());
    }

    @Test
    void nothingUsesDevMode() {
        noClasses()
                .that()
                .resideOutsideOfPackage(withSubpackages("dev"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(withSubpackages("dev"))
                .check(OURS);
    }

    @Test
    void devModeUsesTheProgramThroughItsRoot() {
        classes()
                .that()
                .resideInAPackage(withSubpackages("dev"))
                .should()
                .onlyDependOnClassesThat(
                        resideOutsideOfPackage(ROOT + "..").or(resideInAnyPackage(ROOT, withSubpackages("dev"))))
                .allowEmptyShould(true)
                .check(OURS);
    }

    @Test
    void packagesAreFreeOfCycles() {
        slices().matching(ROOT + ".(*)..")
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(OURS);
    }

    @Test
    void reservationKnowsNoDriver() {
        classes()
                .that()
                .resideInAPackage(withSubpackages("reservation"))
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        withSubpackages("reservation"),
                        "java..",
                        "javax.crypto..",
                        "io.vertx.core",
                        "org.jspecify.annotations",
                        "com.google.errorprone.annotations"))
                .because("its words and rules hold whatever carries them")
                .allowEmptyShould(true)
                .check(OURS);
    }

    @ParameterizedTest(name = "{0} in {1}")
    @MethodSource("rooms")
    void driversStayInTheirRooms(String driver, List<String> rooms) {
        String[] inside = rooms.stream().map(ArchitectureTest::withSubpackages).toArray(String[]::new);

        noClasses()
                .that()
                .resideOutsideOfPackages(inside)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(driver + "..")
                .allowEmptyShould(true)
                .check(OURS);
    }

    private static Stream<Arguments> arrows() {
        return ARROWS.entrySet().stream().map(arrow -> Arguments.of(arrow.getKey(), arrow.getValue()));
    }

    private static Stream<Arguments> rooms() {
        return ROOMS.entrySet().stream().map(room -> Arguments.of(room.getKey(), room.getValue()));
    }

    private static String withSubpackages(String name) {
        return name.isEmpty() ? ROOT : ROOT + "." + name + "..";
    }
}
