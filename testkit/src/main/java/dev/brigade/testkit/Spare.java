package dev.brigade.testkit;

import dev.brigade.Capability;
import dev.brigade.Runner;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A runner that a test has left open and in order, for the next test of its class: runners in other processes take long to start.
 *
 * <p><b>Thread safety</b>: none; the tests of one class run one after the other.
 */
final class Spare implements AutoCloseable {
    private @Nullable Runner runner;

    Spare() {}

    @Nullable
    Runner take() {
        Runner taken = runner;
        runner = null;
        return taken;
    }

    /** Keeps the runner if that is worth it and it works; false when the caller must close it. */
    boolean offer(Runner used) {
        if (runner != null || used.capabilities().contains(Capability.SHARED_MEMORY) || !works(used)) {
            return false;
        }
        runner = used;
        return true;
    }

    private static boolean works(Runner used) {
        try {
            int places = Math.min(used.limit(), 16);
            var inputs = IntStream.range(0, places).boxed().toList();
            return used.map(inputs, n -> n).equals(inputs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException | RejectedExecutionException e) {
            return false;
        }
    }

    @Override
    public void close() {
        Runner left = take();
        if (left != null) {
            left.closeNow();
        }
    }
}
