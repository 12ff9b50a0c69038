package dev.brigade.worker;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.FileNotFoundException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeadroomTest {
    @Test
    void aFileThatIsGoneIsNotTakenForALackOfDescriptors(@TempDir Path directory) {
        Path gone = directory.resolve("arguments");
        FileNotFoundException thrown =
                assertThrows(FileNotFoundException.class, () -> Headroom.start(new ProcessBuilder("true"), gone));
        assertTrue(thrown.getMessage().startsWith(gone.toString()), thrown.getMessage());
    }
}
