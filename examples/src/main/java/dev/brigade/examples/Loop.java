package dev.brigade.examples;

import dev.brigade.Outcome;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.Task;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

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

    /** Has a task time out that sleeps instead of looping, and checks that the interrupt ends it. */
    static void ask(LessonReport report, Runner runner, int millis) throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        double seconds = timeOut(report, runner, millis, () -> {
            try {
                Thread.sleep(60_000);
            } catch (InterruptedException end) {
                asked.countDown();
            }
            return 0L;
        });
        boolean ended = asked.await(10, TimeUnit.SECONDS);
        report.row("(threads)", Race.seconds(seconds), "a task that sleeps instead: the interrupt ends it");
        report.check(ended, "the task that slept was not interrupted");
    }

    /** Runs a task that will time out; returns how long that took to be reported. */
    static double timeOut(LessonReport report, Runner runner, int millis, Task<Long> task) throws InterruptedException {
        RunOptions options =
                RunOptions.builder().taskTimeout(Duration.ofMillis(millis)).build();
        long beginNanos = System.nanoTime();
        Outcome<Void, Long> outcome = runner.submit(task, options).awaitOutcome();
        report.check(outcome.state() == Outcome.State.TIMED_OUT, "it ended as %s", outcome.state());
        return (System.nanoTime() - beginNanos) / 1e9;
    }
}
