package dev.brigade.engine.view;

import dev.brigade.engine.core.SubmittedTask;
import dev.brigade.threads.ThrowableText;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The future that a command of an {@link ExecutorView} runs. It differs from the futures of the JDK's pools in two ways. A body of the
 * runner that waits for it runs the command, if no other thread does. The engine interrupts its body, so that no interrupt outlives the
 * body on a thread that goes on to another.
 *
 * <p>Design note: the state is that of {@link FutureTask}, which releases the waiting threads. The thread that runs this writes
 * {@code carrier} before it reads the state; a thread that cancels this writes the state before it reads {@code carrier}. So one of them
 * sees the other.
 */
final class ViewFuture<V> extends FutureTask<V> {
    private final ExecutorView view;

    /** Queue to which this is added when it is done; null if there is none. */
    private final @Nullable Queue<? super ViewFuture<V>> arrivals;

    /** The command that runs this; null if none is known. For a wrapped future, known only while it runs. */
    private volatile @Nullable ViewCommand carrier;

    /** The command that is to run a completion service's wrapper of this; null if there is none, or this is done. */
    private volatile @Nullable ViewCommand wrapper;

    /** The thread that runs this outside any command of the view; null if there is none. Guarded by this. */
    private @Nullable Thread foreignThread;

    ViewFuture(ExecutorView view, Callable<V> callable, @Nullable Queue<? super ViewFuture<V>> arrivals) {
        super(callable);
        this.view = view;
        this.arrivals = arrivals;
    }

    boolean isOf(ExecutorView other) {
        return view == other;
    }

    /** Sets the command that will run this, before the command starts. */
    void carriedBy(ViewCommand command) {
        carrier = command;
    }

    /** Sets the command that will run the wrapper of this, before the command starts. */
    void wrappedBy(ViewCommand command) {
        wrapper = command;
    }

    @Override
    public void run() {
        ViewCommand command = view.commandHere();
        if (command == null) {
            runOnForeignThread();
            return;
        }
        carrier = command;
        try {
            super.run();
        } finally {
            carrier = null; // the command keeps its runnable, and all that it has captured, in memory
        }
    }

    private void runOnForeignThread() {
        Thread self = Thread.currentThread();
        synchronized (this) {
            foreignThread = self;
        }
        try {
            super.run();
        } finally {
            synchronized (this) {
                foreignThread = null;
            }
        }
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        if (!super.cancel(false)) {
            return false;
        }
        ViewCommand command = carrier;
        if (command != null) {
            carrier = null;
            command.cancel(mayInterruptIfRunning);
        }
        synchronized (this) {
            if (mayInterruptIfRunning && foreignThread != null) {
                foreignThread.interrupt();
            }
        }
        return true;
    }

    @Override
    protected void done() {
        wrapper = null;
        if (arrivals != null) {
            arrivals.add(this);
            view.changed();
        }
    }

    /**
     * Replaces a failure whose {@code toString} throws: {@code get} makes an ExecutionException from that text, and would throw the same.
     */
    @Override
    protected void setException(Throwable failure) {
        super.setException(ThrowableText.forStages(failure));
    }

    @Override
    public V get() throws InterruptedException, ExecutionException {
        helpOrCheck(Long.MAX_VALUE);
        return super.get();
    }

    @Override
    public V get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        long startNanos = System.nanoTime();
        long timeoutNanos = unit.toNanos(timeout);
        helpOrCheck(timeoutNanos);
        return super.get(SubmittedTask.leftNanos(startNanos, timeoutNanos), TimeUnit.NANOSECONDS);
    }

    private void helpOrCheck(long atMostNanos) throws InterruptedException {
        if (!isDone()) {
            view.checkMayWait();
            ViewCommand direct = carrier;
            ViewCommand command = direct == null ? wrapper : direct;
            if (command != null) {
                command.help(atMostNanos);
            }
        }
    }

    /** Runs this on the calling thread, inside a body of the runner, unless it has begun; returns true if it ran. */
    boolean runHereUnlessBegun() {
        ViewCommand command = carrier;
        return command != null && !isDone() && command.runHereUnlessBegun();
    }
}
