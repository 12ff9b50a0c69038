package dev.brigade.testkit;

import dev.brigade.Capability;
import dev.brigade.Runner;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a working runner of one test for the next test of its class: runners in other processes take long to start.
 *
 * <p><b>Thread safety</b>: all methods, from any thread: the tests of one class may run at once.
 */
final class RunnerCache implements AutoCloseable {
    private final AtomicReference<@Nullable Runner> runner = new AtomicReference<>();

    RunnerCache() {}

    @Nullable
    Runner take() {
        return runner.getAndSet(null);
    }

    /** Keeps the runner if that is worth it and it works; returns false if the caller must close it. */
    boolean offer(Runner used) {
        boolean worthIt = runner.get() == null && !used.capabilities().contains(Capability.SHARED_MEMORY);
        return worthIt && works(used) && runner.compareAndSet(null, used);
    }

    private static boolean works(Runner used) {
        try {
            int places = Math.min(used.maxConcurrency(), 16);
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
