package dev.brigade.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogbookTest {
    @TempDir
    Path directory;

    @Test
    void tellsWhatBeganLast() throws IOException {
        Path file = directory.resolve("worker-1");
        Logbook logbook = Logbook.open(file);
        logbook.begins(7);
        logbook.decodes(3);
        logbook.decoded();
        logbook.begins(8);
        logbook.decodes(4);
        assertEquals(new Logbook.Entry(8, 4), Logbook.take(file));
        assertFalse(Files.exists(file));
    }

    @Test
    void tellsThatNothingBegan() throws IOException {
        Path file = directory.resolve("worker-1");
        Logbook.open(file);
        assertEquals(new Logbook.Entry(0, 0), Logbook.take(file));
    }

    @Test
    void tellsNothingOfAWorkerThatNeverOpenedIt() {
        assertNull(Logbook.take(directory.resolve("worker-1")));
    }
}
