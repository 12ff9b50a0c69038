package dev.brigade;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Compares the types that users can name with {@code exported-types.txt}, so that a type is added or removed only on purpose. */
class ExportedTypesTest {
    /** The packages that the module exports. */
    static final Set<String> PACKAGES = Set.of(
            "dev.brigade", "dev.brigade.engine", "dev.brigade.runner", "dev.brigade.spi", "dev.brigade.transport");

    @Test
    void theModuleExportsThesePackages() throws IOException, URISyntaxException {
        Path classes = Path.of(
                Runner.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        try (InputStream descriptor = Files.newInputStream(classes.resolve("module-info.class"))) {
            Set<String> exported = ModuleDescriptor.read(descriptor).exports().stream()
                    .filter(one -> !one.isQualified())
                    .map(ModuleDescriptor.Exports::source)
                    .collect(Collectors.toSet());
            assertEquals(PACKAGES, exported);
        }
    }

    @Test
    void theExportedTypesAreThese() throws IOException {
        Set<String> actual = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages("dev.brigade").stream()
                        .filter(type -> PACKAGES.contains(type.getPackageName()))
                        .filter(type -> !type.getName().endsWith("package-info"))
                        .filter(ExportedTypesTest::isVisible)
                        .map(JavaClass::getName)
                        .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(String.join("\n", listed()), String.join("\n", actual));
    }

    private static Set<String> listed() throws IOException {
        try (InputStream list = ExportedTypesTest.class.getResourceAsStream("exported-types.txt")) {
            String all = new String(Objects.requireNonNull(list).readAllBytes(), StandardCharsets.UTF_8);
            return all.lines().filter(line -> !line.isBlank()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static boolean isVisible(JavaClass type) {
        boolean open = type.getModifiers().contains(JavaModifier.PUBLIC)
                || type.getModifiers().contains(JavaModifier.PROTECTED);
        return open
                && type.getEnclosingClass().map(ExportedTypesTest::isVisible).orElse(true);
    }
}
