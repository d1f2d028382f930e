package dev.holdfast.support;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;

/** No test says by itself how long a machine may take: they all wait by the one limit of {@link TestWait}. */
class HiddenSecondsTest {

    private static final JavaClasses TESTS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.ONLY_INCLUDE_TESTS)
            .importPackages("dev.holdfast");

    @Test
    void noConditionHasALimitOfItsOwn() {
        noClasses()
                .that(DescribedPredicate.not(equivalentTo(TestWait.class)))
                .should()
                .callMethod(ConditionFactory.class, "atMost", Duration.class)
                .orShould()
                .callMethod(ConditionFactory.class, "atMost", long.class, TimeUnit.class)
                .because("Awaitility waits for TestWait.LIMIT where a test says nothing")
                .check(TESTS);
    }

    @Test
    void nobodySleeps() {
        noClasses()
                .should()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(Thread.class, "sleep", Duration.class)
                .orShould()
                .callMethod(TimeUnit.class, "sleep", long.class)
                .because("what is slept for is either too long or not enough: wait for a condition")
                .check(TESTS);
    }
}
