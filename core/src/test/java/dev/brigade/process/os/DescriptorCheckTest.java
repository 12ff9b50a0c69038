package dev.brigade.process.os;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.FileNotFoundException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DescriptorCheckTest {
    @Test
    void aFileThatIsGoneIsNotTakenForALackOfDescriptors(@TempDir Path directory) {
        Path gone = directory.resolve("arguments");
        FileNotFoundException thrown = assertThrows(
                FileNotFoundException.class, () -> DescriptorCheck.start(new ProcessBuilder("true"), gone));
        assertTrue(thrown.getMessage().startsWith(gone.toString()), thrown.getMessage());
    }
}
