package dev.brigade.engine.core;

import dev.brigade.spi.AttemptHandle;
import dev.brigade.spi.StopMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens and closes a runner.
 *
 * <p>Design note: a batch registers under the lock under which closing begins, so that the closing thread sees it, or it is rejected.
 * Draining is a condition on the batches' tasks, checked again whenever a task settles or a body ends. While the runner is open, signalling
 * that costs one volatile read. Batches are held weakly. A batch that its consumer has abandoned need not be remembered: a running attempt
 * is reachable from the thread or backend that runs it.
 */
public final class RunnerLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(RunnerLifecycle.class);
    private static final long STUCK_NANOS = 1_000_000_000;

    private enum State {
        OPEN,
        CLOSING,
        CLOSED
    }

    private final RunnerCore engine;
    private final long closeNanos;

    /** OPEN → CLOSING → CLOSED; written under {@code batches}. */
    private volatile State state = State.OPEN;

    /** Batches that are not over; guarded by itself. */
    private final Set<BatchRun<?, ?>> batches = Collections.newSetFromMap(new WeakHashMap<>());

    /** Monitor on which closing threads wait for changes. */
    private final Object changes = new Object();

    /** Attempts that were stopped and whose body may still run, each with the time of its first stop, by {@link System#nanoTime()}. */
    private final Map<TaskAttempt<?, ?>, Long> stragglers = new ConcurrentHashMap<>();

    /** True if a check of the stragglers is due. */
    private final AtomicBoolean watching = new AtomicBoolean();

    /** True if the present set of stuck bodies has been logged. */
    private final AtomicBoolean stuckLogged = new AtomicBoolean();

    RunnerLifecycle(RunnerCore engine, Duration closeTimeout) {
        this.engine = engine;
        closeNanos = closeTimeout.toNanos();
    }

    // ---- batches

    /** Throws unless the runner is open. */
    public void checkOpen() {
        if (state != State.OPEN) {
            throw closedException();
        }
    }

    public boolean isOpen() {
        return state == State.OPEN;
    }

    boolean isClosed() {
        return state == State.CLOSED;
    }

    public void register(BatchRun<?, ?> batch) {
        synchronized (batches) {
            checkOpen();
            batches.add(batch);
        }
    }

    void forget(BatchRun<?, ?> batch) {
        synchronized (batches) {
            batches.remove(batch);
        }
        changed();
    }

    public RejectedExecutionException closedException() {
        return new RejectedExecutionException("runner '" + engine.name + "' is closed");
    }

    /** Called when a task settles, or an attempt or a batch ends: wakes the closing threads. */
    void changed() {
        if (state != State.OPEN) {
            synchronized (changes) {
                changes.notifyAll();
            }
        }
    }

    /** Fails the attempts that an executor has dropped; returns true if any started attempt had not begun. */
    boolean failLost(Predicate<AttemptHandle> dropped) {
        boolean queued = false;
        for (BatchRun<?, ?> batch : snapshot()) {
            queued |= batch.failLost(dropped);
        }
        return queued;
    }

    // ---- bodies that go on after their outcome

    void straggles(TaskAttempt<?, ?> attempt) {
        stragglers.putIfAbsent(attempt, System.nanoTime());
        if (attempt.isGone()) {
            stragglers.remove(attempt);
        } else {
            watchStragglers();
        }
    }

    private void watchStragglers() {
        if (watching.compareAndSet(false, true)) {
            try {
                engine.threads.after(STUCK_NANOS, this::reportIfAllAreStuck);
            } catch (OutOfMemoryError noThread) {
                watching.set(false); // stopping the attempt matters more
            }
        }
    }

    void gone(TaskAttempt<?, ?> attempt) {
        if (!stragglers.isEmpty() && stragglers.remove(attempt) != null) {
            stuckLogged.set(false);
        }
        changed();
    }

    /**
     * Logs a warning if each permit is held by a body that has been a straggler for {@code STUCK_NANOS} and still runs. All of that is
     * checked, because the warning says it.
     */
    private void reportIfAllAreStuck() {
        watching.set(false);
        int limit = engine.backend.maxConcurrency();
        if (stragglers.size() < limit || stuckLogged.get()) {
            return; // the next straggler leads to another check
        }
        List<TaskAttempt<?, ?>> stuck = stragglersFor(STUCK_NANOS);
        if (heldPermits(stuck) < limit) {
            watchStragglers(); // others may become stuck
        } else if (stuckLogged.compareAndSet(false, true)) {
            LOG.warn(
                    "runner '{}': {} bodies have ignored their cancellation for {} ms or more and hold every permit; nothing"
                            + " else can start.{}",
                    engine.name,
                    stuck.size(),
                    STUCK_NANOS / 1_000_000,
                    describe(stuck));
        }
    }

    /** Returns the stragglers whose first stop was {@code nanos} ago or more and whose bodies still run. */
    private List<TaskAttempt<?, ?>> stragglersFor(long nanos) {
        long nowNanos = System.nanoTime();
        List<TaskAttempt<?, ?>> found = new ArrayList<>();
        stragglers.forEach((attempt, sinceNanos) -> {
            if (nowNanos - sinceNanos >= nanos && !attempt.isGone()) {
                found.add(attempt);
            }
        });
        return found;
    }

    /** Returns the number of permits that the attempts hold: a body that runs inside another uses the other's. */
    private static int heldPermits(List<TaskAttempt<?, ?>> attempts) {
        Set<Object> holders = new HashSet<>();
        for (TaskAttempt<?, ?> attempt : attempts) {
            Thread thread = attempt.thread();
            holders.add(thread == null ? attempt : thread);
        }
        return holders.size();
    }

    private static String describe(List<TaskAttempt<?, ?>> attempts) {
        StringBuilder stacks = new StringBuilder();
        for (TaskAttempt<?, ?> attempt : attempts) {
            Thread thread = attempt.thread();
            stacks.append("\n  ").append(attempt.task.describe());
            if (thread != null) {
                stacks.append(" on thread ").append(thread.getName());
                for (StackTraceElement frame : thread.getStackTrace()) {
                    stacks.append("\n    at ").append(frame);
                }
            }
        }
        return stacks.toString();
    }

    private void logStragglersAtClose() {
        List<TaskAttempt<?, ?>> left = stragglersFor(0);
        if (!left.isEmpty()) {
            LOG.warn(
                    "runner '{}' is closed while {} bodies ignore their cancellation.{}",
                    engine.name,
                    left.size(),
                    describe(left));
        }
    }

    // ---- closing

    public void close(boolean now) {
        if (engine.isAroundThisThread()) {
            throw new IllegalStateException(
                    "runner '" + engine.name + "' cannot be closed by a body that it runs: it would wait for itself");
        }
        engine.backend.checkMayWait();
        boolean first = beginClosing();
        boolean interrupted = false;
        try {
            wakeAll(); // consumers stop pulling
            if (now) {
                abortAll();
            }
            interrupted = first ? shutDown(now) : awaitTheFirst();
        } finally {
            if (first) {
                interrupted |= release();
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private boolean beginClosing() {
        synchronized (batches) {
            if (state != State.OPEN) {
                return false;
            }
            state = State.CLOSING;
            return true;
        }
    }

    private void wakeAll() {
        snapshot().forEach(batch -> orLog(batch::wake));
    }

    /**
     * Waits for the other thread that closes the runner. An interrupt cancels the tasks that the other thread waits for, but does not end
     * this wait; returns true if there was one.
     */
    private boolean awaitTheFirst() {
        long startNanos = System.nanoTime();
        try {
            awaitChange(2 * closeNanos, () -> state == State.CLOSED);
            return false;
        } catch (InterruptedException e) {
            abortAll();
            awaitStubbornly(SubmittedTask.leftNanos(startNanos, 2 * closeNanos), () -> state == State.CLOSED);
            return true;
        }
    }

    /**
     * Drains, then cancels; returns true if interrupted. An interrupt cancels at once, as in the JDK's close. It does not end the wait for
     * the cancelled bodies: they may be cleaning up.
     */
    private boolean shutDown(boolean now) {
        if (now) {
            return awaitStubbornly(closeNanos, this::isDrained);
        }
        boolean interrupted = false;
        try {
            if (engine.backend.inline()) {
                snapshot().forEach(RunnerLifecycle::runWhatIsReady); // their consumers may never come back for it
            }
            if (awaitChange(closeNanos, this::isDrained)) {
                return false;
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        abortAll();
        return awaitStubbornly(closeNanos / 2, this::isDrained) || interrupted;
    }

    private static void runWhatIsReady(BatchRun<?, ?> batch) {
        boolean ran;
        do {
            ran = !Thread.currentThread().isInterrupted() && batch.startInline();
        } while (ran);
    }

    /** Releases threads and processes, whether or not all bodies have ended; returns true if interrupted meanwhile. */
    private boolean release() {
        boolean interrupted = Thread.interrupted();
        if (!isDrained()) {
            orLog(this::logStragglersAtClose);
        }
        interrupted |= closeBackend();
        synchronized (batches) {
            state = State.CLOSED;
        }
        // A batch that checked before the closing may add its task only now, when no backend is left. This code or
        // startAdded() sees that. A drained batch stays as it is until its consumer has taken the drained outcomes.
        snapshot().stream()
                .filter(batch -> !batch.allSettled())
                .forEach(batch -> orLog(() -> batch.abort(closedException())));
        changed();
        engine.threads.close(); // may run callbacks, which may close
        return interrupted;
    }

    /** Closes the backend, also after an interrupt; returns true if there was one. */
    private boolean closeBackend() {
        boolean interrupted = false;
        long startNanos = System.nanoTime();
        long leftNanos = closeNanos / 2;
        while (leftNanos > 0) {
            try {
                engine.backend.close(Duration.ofNanos(leftNanos));
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (RuntimeException | Error e) {
                LOG.warn("runner '{}' could not release everything", engine.name, e);
                break;
            }
            leftNanos = SubmittedTask.leftNanos(startNanos, closeNanos / 2);
        }
        return Thread.interrupted() || interrupted;
    }

    private void abortAll() {
        RejectedExecutionException reason = closedException();
        snapshot().forEach(batch -> orLog(() -> batch.abort(reason)));
        stragglers.keySet().forEach(attempt -> orLog(() -> attempt.stop(StopMode.INTERRUPT)));
    }

    /** Logs a throwable, so that a stop that fails does not prevent the others. */
    private void orLog(Runnable stopping) {
        try {
            stopping.run();
        } catch (RuntimeException | Error e) {
            LOG.warn("runner '{}' could not stop everything", engine.name, e);
        }
    }

    private List<BatchRun<?, ?>> snapshot() {
        synchronized (batches) {
            return List.copyOf(batches);
        }
    }

    private boolean isDrained() {
        if (!engine.nothingRuns()) {
            return false;
        }
        synchronized (batches) {
            return batches.stream().allMatch(BatchRun::allSettled);
        }
    }

    private boolean awaitChange(long atMostNanos, BooleanSupplier condition) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + atMostNanos;
        synchronized (changes) {
            while (!condition.getAsBoolean()) {
                long leftMillis = (deadlineNanos - System.nanoTime()) / 1_000_000 + 1;
                if (leftMillis <= 0) {
                    return false;
                }
                changes.wait(leftMillis);
            }
            return true;
        }
    }

    /** As {@link #awaitChange}, but goes on after interrupts; returns true if there was one. */
    private boolean awaitStubbornly(long atMostNanos, BooleanSupplier condition) {
        boolean interrupted = false;
        long startNanos = System.nanoTime();
        while (true) {
            try {
                awaitChange(SubmittedTask.leftNanos(startNanos, atMostNanos), condition);
                return interrupted;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }
}
