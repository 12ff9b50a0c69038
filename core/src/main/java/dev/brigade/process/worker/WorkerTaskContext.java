package dev.brigade.process.worker;

import dev.brigade.Runner;
import dev.brigade.TaskContext;
import dev.brigade.context.ContextCarrier;
import dev.brigade.engine.BackendRunner;
import dev.brigade.threads.Callbacks;
import dev.brigade.threads.ContextLoader;
import dev.brigade.threads.InterruptedBody;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * The context of a body in a worker.
 *
 * <p>Design note: the body's thread sets the deadline before the body begins; the main thread cancels. {@code this} guards {@code actions},
 * {@code over} and {@code interrupts}. {@code cancelled} is volatile, so that a body may ask in a tight loop.
 *
 * <pre>
 * open -> cancelled -> over
 * open -> over
 * </pre>
 */
final class WorkerTaskContext extends TaskContext implements InterruptedBody {
    private static final long NO_LIMIT = -1;

    private final int attempt;
    private final long batchDeadlineNanos;
    private final boolean batchLimited;
    private long deadlineNanos;
    private boolean limited;

    /** The caller's context; set by the body's thread before any continuation can run. */
    private Map<String, Map<String, String>> context = Map.of();

    private @Nullable List<Runnable> actions;
    private boolean over;
    private int interrupts;

    /** The body's thread; no other thread needs to see it. */
    private @Nullable Thread thread;

    private volatile boolean cancelled;

    /** Makes the context of a task that has arrived; {@code batchRemainingNanos} counts from now, -1 for no limit. */
    WorkerTaskContext(int attempt, long batchRemainingNanos) {
        this.attempt = attempt;
        batchLimited = batchRemainingNanos != NO_LIMIT;
        batchDeadlineNanos = batchLimited ? System.nanoTime() + Math.max(batchRemainingNanos, 0) : 0;
    }

    /** Begins the body, with the caller's context. */
    synchronized void begin(long taskTimeoutNanos, Map<String, Map<String, String>> callers) {
        thread = Thread.currentThread();
        context = callers;
        limited = batchLimited;
        deadlineNanos = batchDeadlineNanos;
        if (taskTimeoutNanos != NO_LIMIT) {
            long taskDeadlineNanos = System.nanoTime() + taskTimeoutNanos;
            deadlineNanos = limited && deadlineNanos - taskDeadlineNanos < 0 ? deadlineNanos : taskDeadlineNanos;
            limited = true;
        }
    }

    /** Interrupts the body, which runs on {@code bodys}. */
    synchronized void interrupt(Thread bodys) {
        interrupts++;
        bodys.interrupt();
    }

    @Override
    public synchronized int interrupts() {
        return interrupts;
    }

    @Override
    public boolean isOnThisThread() {
        return thread == Thread.currentThread();
    }

    /** Ends the body: no action is called any more. */
    synchronized void end() {
        over = true;
        actions = null;
    }

    /** Cancels the body. The actions are user code, so they run on a thread of their own. */
    void cancel() {
        List<Runnable> todo;
        synchronized (this) {
            if (over || cancelled) {
                return;
            }
            cancelled = true;
            todo = actions;
            actions = null;
        }
        if (todo != null) {
            start(todo);
        }
    }

    private static void start(List<Runnable> actions) {
        Thread thread = new Thread(() -> actions.forEach(WorkerTaskContext::runQuietly), "brigade-worker-cancel");
        thread.setDaemon(true);
        thread.start();
    }

    private static void runQuietly(Runnable action) {
        Callbacks.run(action, Throwable::printStackTrace); // a worker's stderr is its log
    }

    @Override
    public boolean isCancelled() {
        return cancelled;
    }

    @Override
    public Runnable onCancel(Runnable action) {
        Objects.requireNonNull(action, "action");
        synchronized (this) {
            if (over) {
                return () -> {};
            }
            if (!cancelled) {
                actions = actions == null ? new ArrayList<>() : actions;
                actions.add(action);
                return () -> takeBack(action);
            }
        }
        runQuietly(action);
        return () -> {};
    }

    @SuppressWarnings("ReferenceEquality") // identity counts, whatever equals() says
    private synchronized void takeBack(Runnable action) {
        if (actions == null) {
            return;
        }
        for (int i = 0; i < actions.size(); i++) {
            if (actions.get(i) == action) {
                actions.remove(i);
                return;
            }
        }
    }

    @Override
    public <T> T call(Callable<T> continuation) throws Exception {
        ClassLoader outer = ContextLoader.current();
        ContextLoader.set(
                ClassLoader.getSystemClassLoader()); // finds the tasks' classes, also for a thread of the body's
        try {
            return callWithContext(continuation);
        } finally {
            ContextLoader.set(outer);
        }
    }

    private <T> T callWithContext(Callable<T> continuation) throws Exception {
        boolean logging = loggingIsLoaded();
        if (logging || !context.isEmpty()) {
            Runnable undo = ContextCarrier.bind(context);
            try {
                return super.call(continuation);
            } finally {
                undo.run();
            }
        }
        try {
            return super.call(continuation);
        } finally {
            if (loggingIsLoaded()) {
                // The body was the first to log: its MDC must not reach the next body.
                ContextCarrier.bind(Map.of());
            }
        }
    }

    /** Returns true if SLF4J is loaded. It takes long to load, most bodies do not log, and without it there is no MDC to restore. */
    private static boolean loggingIsLoaded() {
        return ClassLoader.getSystemClassLoader().getDefinedPackage("org.slf4j") != null;
    }

    @Override
    public synchronized Optional<Duration> remaining() {
        return limited
                ? Optional.of(Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime())))
                : Optional.empty();
    }

    @Override
    public int attempt() {
        return attempt;
    }

    @Override
    public Runner runner() {
        return Nested.RUNNER;
    }

    /** Loads the engine only for bodies that ask for it. */
    private static final class Nested {
        static final Runner RUNNER = BackendRunner.inline();
    }
}
