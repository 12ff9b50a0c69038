package dev.brigade.process.worker;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tests of the process that a worker takes for its parent. */
final class ParentWatchdogTest {
    @Test
    void aProcessThatOnlyHasTheParentsNumberIsNotTheParent() throws Exception {
        Process process = new ProcessBuilder("sleep", "60").start();
        try {
            Optional<Instant> start = process.info().startInstant();
            assertTrue(start.isPresent());
            assertTrue(ParentWatchdog.lives(process.pid(), start));
            assertFalse(ParentWatchdog.lives(process.pid(), start.map(earlier -> earlier.minusSeconds(1))));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void aProcessThatHasEndedIsNotTheParent() throws Exception {
        Process process = new ProcessBuilder("sleep", "60").start();
        Optional<Instant> start = process.info().startInstant();
        process.destroyForcibly().waitFor();
        assertFalse(ParentWatchdog.lives(process.pid(), start));
        assertFalse(ParentWatchdog.lives(process.pid(), Optional.empty()));
    }

    @Test
    void aProcessWhoseFirstThreadHasEndedLives() {
        String fields = " 1 7 7 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 ";
        assertFalse(ParentWatchdog.isZombie("7 (a) R (b) Z" + fields + "2 0 5"));
        assertTrue(ParentWatchdog.isZombie("7 (a) R (b) Z" + fields + "1 0 5"));
        assertFalse(ParentWatchdog.isZombie("7 (a) Z (b) S" + fields + "1 0 5"));
        assertFalse(ParentWatchdog.isZombie(""));
    }
}
