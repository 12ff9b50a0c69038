package dev.brigade.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/** A directory with a path that leaves room for a socket's name. */
public final class ShortTempDir implements TempDirFactory {
    /** For JUnit. */
    public ShortTempDir() {}

    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context) throws IOException {
        Leftovers.prepare();
        return Files.createTempDirectory("b");
    }
}
