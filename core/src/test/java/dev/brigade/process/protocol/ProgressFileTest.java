package dev.brigade.process.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProgressFileTest {
    private static final long HEAP_BYTES = Runtime.getRuntime().maxMemory();

    @TempDir
    Path directory;

    @Test
    void tellsWhatBeganLast() throws IOException {
        ProgressFile.Reader reader = ProgressFile.Reader.create(directory.resolve("worker-1"));
        ProgressFile progress = ProgressFile.open(reader.file);
        progress.begins(7, 3);
        progress.decoded();
        progress.begins(8, 4);
        assertEquals(new ProgressFile.Entry(8, 4, HEAP_BYTES), reader.take());
        assertFalse(Files.exists(reader.file));
    }

    @Test
    void tellsWhatItsWorkerIsAt() throws IOException {
        ProgressFile.Reader reader = ProgressFile.Reader.create(directory.resolve("worker-1"));
        assertNull(reader.peek());
        ProgressFile progress = ProgressFile.open(reader.file);
        progress.begins(7, 3);
        assertEquals(new ProgressFile.Entry(7, 3, HEAP_BYTES), reader.peek());
        progress.decoded();
        assertEquals(new ProgressFile.Entry(7, 0, HEAP_BYTES), reader.peek());
        reader.take();
        assertNull(reader.peek());
    }

    /** A function that is no longer being decoded has not necessarily been decoded. */
    @Test
    void tellsThatDecodingFailed() throws IOException {
        ProgressFile.Reader reader = ProgressFile.Reader.create(directory.resolve("worker-1"));
        ProgressFile progress = ProgressFile.open(reader.file);
        progress.begins(7, 3);
        assertFalse(reader.peek().hasDecoded());
        progress.failedToDecode();
        assertEquals(new ProgressFile.Entry(7, ProgressFile.FAILED, HEAP_BYTES), reader.peek());
        assertFalse(reader.peek().hasDecoded());
        progress.begins(8, ProgressFile.NONE);
        assertTrue(reader.take().hasDecoded());
    }

    @Test
    void keepsLargeNumbers() throws IOException {
        ProgressFile.Reader reader = ProgressFile.Reader.create(directory.resolve("worker-1"));
        ProgressFile.open(reader.file).begins(Integer.MAX_VALUE, Integer.MAX_VALUE - 1);
        assertEquals(new ProgressFile.Entry(Integer.MAX_VALUE, Integer.MAX_VALUE - 1, HEAP_BYTES), reader.take());
    }

    @Test
    void tellsThatNothingBegan() throws IOException {
        ProgressFile.Reader reader = ProgressFile.Reader.create(directory.resolve("worker-1"));
        ProgressFile.open(reader.file);
        assertEquals(new ProgressFile.Entry(0, 0, HEAP_BYTES), reader.take());
    }

    @Test
    void tellsNothingOfAWorkerThatNeverOpenedIt() throws IOException {
        assertNull(ProgressFile.Reader.create(directory.resolve("worker-1")).take());
    }

    @Test
    void tellsNothingOfOneThatWasCutOff() throws IOException {
        ProgressFile.Reader reader = ProgressFile.Reader.create(directory.resolve("worker-1"));
        Files.write(reader.file, new byte[4]);
        assertNull(reader.take());
    }

    /** Without a descriptor no file can be opened, and a file without a name cannot either. */
    @Test
    void isReadWithoutBeingOpened() throws IOException {
        ProgressFile.Reader reader = ProgressFile.Reader.create(directory.resolve("worker-1"));
        ProgressFile.open(reader.file).begins(7, 0);
        Files.delete(reader.file);
        assertEquals(new ProgressFile.Entry(7, 0, HEAP_BYTES), reader.take());
    }
}
