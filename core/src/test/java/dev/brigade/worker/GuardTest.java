package dev.brigade.worker;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Whom a worker takes for its parent. */
final class GuardTest {
    @Test
    void aProcessThatOnlyHasTheParentsNumberIsNotTheParent() throws Exception {
        Process process = new ProcessBuilder("sleep", "60").start();
        try {
            Optional<Instant> start = process.info().startInstant();
            assertTrue(start.isPresent());
            assertTrue(Guard.lives(process.pid(), start));
            assertFalse(Guard.lives(process.pid(), start.map(earlier -> earlier.minusSeconds(1))));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void aProcessThatHasEndedIsNotTheParent() throws Exception {
        Process process = new ProcessBuilder("sleep", "60").start();
        Optional<Instant> start = process.info().startInstant();
        process.destroyForcibly().waitFor();
        assertFalse(Guard.lives(process.pid(), start));
        assertFalse(Guard.lives(process.pid(), Optional.empty()));
    }
}
