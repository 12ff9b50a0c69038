package dev.brigade.stress;

import org.jetbrains.lincheck.Lincheck;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.junit.jupiter.api.Assertions;

/**
 * Two threads under Lincheck's model checker, which tries their interleavings one by one.
 *
 * <p>What the threads share must hang off a static field: on JDK 25 Lincheck 3.7 misses races on an object that only
 * the threads' lambdas hold. It assumes sequential consistency, so that reordering (Dekker, publication) is beyond it.
 */
public final class Interleaved {
    private static final int INVOCATIONS = 500;

    private Interleaved() {}

    /** Sets up afresh, runs both to their ends, then checks; over and over, in other orders. */
    public static void check(Runnable setUp, Runnable one, Runnable two, Runnable check) {
        Lincheck.runConcurrentTest(INVOCATIONS, () -> {
            setUp.run();
            Thread first = new Thread(one);
            Thread second = new Thread(two);
            first.start();
            second.start();
            join(first);
            join(second);
            check.run();
        });
    }

    /** Passes if the model checker finds an interleaving that fails the check: it would have found one above. */
    public static void mustFail(Runnable setUp, Runnable one, Runnable two, Runnable check) {
        LincheckAssertionError found = Assertions.assertThrows(
                LincheckAssertionError.class, () -> check(setUp, one, two, check), "the racy control passed");
        System.out.println(found.getMessage().split("\nDetailed trace", 2)[0]);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError("Nobody interrupts this thread", e);
        }
    }
}
