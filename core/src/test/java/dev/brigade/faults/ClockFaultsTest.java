package dev.brigade.faults;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.util.Date;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that nothing waits for the wall clock, which may be set at any moment. */
final class ClockFaultsTest {
    /**
     * The classes that may read the wall clock are named here. {@code EpochClock} reads it once, for the times in outcomes, and goes on
     * with the monotonic clock. The archives of classes are files, with ages by the wall clock; a wrong age costs an archive, which is made
     * again.
     */
    private static final ArchRule NO_WALL_CLOCK = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("dev.brigade.engine.time.EpochClock")
            .and()
            .doNotHaveFullyQualifiedName("dev.brigade.process.launch.CdsArchiveDirectory")
            .and()
            .doNotHaveFullyQualifiedName("dev.brigade.process.launch.CdsArchive")
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(Clock.class, "systemUTC")
            .orShould()
            .callConstructor(Date.class);

    @Test
    void nothingWaitsForAClockThatCanBeSet() {
        JavaClasses library = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.brigade");
        assertTrue(library.contain("dev.brigade.process.scheduling.PoolState"));
        NO_WALL_CLOCK.check(library);
    }

    static final class ReadsMillis {
        long now = System.currentTimeMillis();
    }

    static final class ReadsInstant {
        Instant now = Instant.now();
    }

    @ParameterizedTest
    @ValueSource(classes = {ReadsMillis.class, ReadsInstant.class})
    void whoReadsItIsFound(Class<?> reader) {
        JavaClasses one = new ClassFileImporter().importClasses(reader);
        assertThrows(AssertionError.class, () -> NO_WALL_CLOCK.check(one));
    }
}
