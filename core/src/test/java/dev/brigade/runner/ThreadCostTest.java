package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.brigade.Runner;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Tests of the bytes that the engine allocates for a task, which no load on the machine changes.
 *
 * <p>Each bound leaves room above the value that was measured when the bound was set; its message names that value. A bound is to be
 * lowered when the value gets less.
 */
final class ThreadCostTest {
    private static final int TASKS = 20_000;
    private static final int ROUNDS = 12;
    private static final List<Integer> INPUTS =
            IntStream.range(0, TASKS).boxed().toList();
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void aTrivialTaskAllocatesLittleOnThreads() throws Exception {
        try (Runner runner = ThreadRunner.of(2)) {
            double bytes = leastBytesPerTask(runner);
            assertTrue(bytes <= 300, "at most 300 bytes a task (230), were " + bytes);
        }
    }

    @Test
    void aTrivialTaskAllocatesLittleOnTheCallersThread() throws Exception {
        try (Runner runner = SequentialRunner.of()) {
            double bytes = leastBytesPerTask(runner);
            assertTrue(bytes <= 550, "at most 550 bytes a task (440), were " + bytes);
        }
    }

    /** Counts the bytes of all threads. Other threads of this JVM can only add to them, so the least of several rounds is right. */
    private static double leastBytesPerTask(Runner runner) throws Exception {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long before = allocatedBytes();
            List<Integer> results = runner.map(INPUTS, i -> i + 1);
            least = Math.min(least, allocatedBytes() - before);
            assertEquals(TASKS, results.get(TASKS - 1));
        }
        assertTrue(least > 0, "the JVM counts what threads allocate");
        return least / (double) TASKS;
    }

    private static long allocatedBytes() {
        long sum = 0;
        for (long bytes : THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds())) {
            sum += Math.max(0, bytes); // -1: the thread has ended
        }
        return sum;
    }
}
