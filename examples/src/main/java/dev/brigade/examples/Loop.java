package dev.brigade.examples;

import java.time.Duration;

/**
 * For the lesson {@code timeout}: a loop without an end that heeds no interrupt.
 *
 * <p>The lesson can let go of it, lest it leaves a busy thread behind; a real one offers no such thing. In another process
 * these fields are that process's own, and nobody lets go.
 */
final class Loop {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static volatile boolean letGo;
    private static volatile long rounds;
    private static volatile boolean running;

    private Loop() {}

    /** The task. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread at a time counts
    static long forever() {
        running = true;
        while (!letGo) {
            rounds++;
        }
        running = false;
        return rounds;
    }

    static void prepare() {
        letGo = false;
    }

    static void letGo() {
        letGo = true;
    }

    /** Whether a loop in this process has not ended. */
    static boolean isRunning() {
        return running;
    }

    /** Watches the loop; true as soon as it has made one more round. */
    static boolean goesOn() throws InterruptedException {
        long before = rounds;
        long beginNanos = System.nanoTime();
        while (rounds == before && System.nanoTime() - beginNanos < PATIENCE.toNanos()) {
            Thread.sleep(1);
        }
        return rounds != before;
    }
}
