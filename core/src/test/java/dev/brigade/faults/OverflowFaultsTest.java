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

/** A task whose stack ends in the middle of what the worker does for it: on the way of its output to the parent. */
@Timeout(value = 2 * WAIT_SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class OverflowFaultsTest {
    private static final int ROUNDS = Soak.times(40, 1000);

    /** What the guilty print, of which the end may be missing, and then the next follows on the same line. */
    private static final String GUILTY = "deep";

    private final Queue<String> innocent = new ConcurrentLinkedQueue<>();

    private ProcessRunner.Builder builder() {
        // A small stack overflows soon, and as many times in as many places.
        return ProcessRunner.builder().workers(1).jvmArgs("-Xss256k").outputListener(this::hear);
    }

    private void hear(WorkerOutput output) {
        String line = output.line();
        if (!line.replace(GUILTY, "").isEmpty()) {
            innocent.add(line);
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
        assertEquals(expected, List.copyOf(innocent));
    }
}
