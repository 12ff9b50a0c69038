package dev.brigade.faults;

import static dev.brigade.faults.PoolUnderTest.WAIT_SECONDS;
import static dev.brigade.faults.PoolUnderTest.failureOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.brigade.WorkerLostException;
import dev.brigade.WorkerOutput;
import dev.brigade.runner.ProcessRunner;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests of a task that overflows the stack in the worker's own code, while that sends the task's output to the parent. */
@Timeout(value = 2 * WAIT_SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class OverflowFaultsTest {
    private static final int ROUNDS = Soak.times(40, 1000);

    /** A line of the tasks that overflow. Its end may be missing, and then the next output follows on the same line. */
    private static final String OVERFLOWING_LINE = "deep";

    private final Queue<String> otherLines = new ConcurrentLinkedQueue<>();

    private ProcessRunner.Builder builder() {
        // A small stack overflows sooner, and at just as many points.
        return ProcessRunner.builder().workers(1).jvmArgs("-Xss256k").outputListener(this::hear);
    }

    private void hear(WorkerOutput output) {
        String line = output.line();
        if (!line.replace(OVERFLOWING_LINE, "").isEmpty()) {
            otherLines.add(line);
        }
    }

    @Test
    void aStackThatOverflowsWhilePrintingCostsNoWorkerAndNobodysLine() throws Exception {
        List<String> expected = new ArrayList<>();
        try (PoolUnderTest single = new PoolUnderTest(builder())) {
            long pid = single.pid();
            for (int i = 0; i < ROUNDS; i++) {
                String line = "round " + i;
                expected.add(line);
                Throwable failure = failureOf(single.runner.submit(() -> FaultActions.overflowPrinting(0)));
                assertInstanceOf(
                        StackOverflowError.class,
                        failure,
                        () -> line + ": " + failure
                                + (failure instanceof WorkerLostException lost ? lost.stderr() : ""));
                assertEquals(1, single.get(() -> {
                    System.out.println(line);
                    return 1;
                }));
            }
            single.goesOn();
            assertEquals(pid, single.pid());
        }
        assertEquals(expected, List.copyOf(otherLines));
    }
}
