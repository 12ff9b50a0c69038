package dev.brigade.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FileLatchesTest {
    private static final int TESTS = 300;

    @TempDir
    File directory;

    @Test
    void nothingIsLeftOfThemWhileBodiesGoOnRaisingSome() throws Exception {
        ExecutorService bodies = Executors.newFixedThreadPool(2);
        try {
            for (int test = 0; test < TESTS; test++) {
                FileLatches latches = FileLatches.create(directory, Duration.ofSeconds(20));
                List<? extends Future<?>> raising = Stream.of("one", "two")
                        .map(name -> bodies.submit(() -> raiseUntilOver(latches, name)))
                        .toList();
                latches.awaitCount("one", 2);
                latches.end();
                latches.delete();
                for (Future<?> body : raising) {
                    body.get(20, TimeUnit.SECONDS);
                }
                assertTrue(latches.isOver());
                assertEquals(0, entries(), "directories left after " + (test + 1) + " tests");
            }
        } finally {
            bodies.shutdownNow();
        }
    }

    /** Raises signals as a body does that has not yet seen that its test is over. */
    private static void raiseUntilOver(FileLatches latches, String name) {
        do {
            for (int i = 0; i < 20; i++) {
                latches.raise(name);
            }
        } while (!latches.isOver());
    }

    private int entries() {
        String[] left = directory.list();
        return left == null ? 0 : left.length;
    }
}
