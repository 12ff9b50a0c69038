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
 * The future of a command of an {@link ExecutorView}, which runs it: as that of the JDK's pools, but for two things. Waiting for it
 * inside a body of the runner runs the command, if nobody else does; and the engine interrupts its body, so that no interrupt
 * outlives that body on a thread that goes on with another.
 *
 * <p>Design note: the state is that of {@link FutureTask}, which releases who waits. {@code carrier} is written before the state is
 * read by who runs this, and read after the state is written by who cancels: one of them sees the other.
 */
final class ViewFuture<V> extends FutureTask<V> {
    private final ExecutorView view;

    /** Gets this when it is done; null when nobody asks. */
    private final @Nullable Queue<? super ViewFuture<V>> arrivals;

    /** The command that runs this: of one that somebody has wrapped, known while it runs. */
    private volatile @Nullable ViewCommand carrier;

    /** The command that is to run what a completion service has made of this; null when this is done. */
    private volatile @Nullable ViewCommand wrapper;

    /** A thread that runs this, and no command of the view; guarded by this. */
    private @Nullable Thread stranger;

    ViewFuture(ExecutorView view, Callable<V> callable, @Nullable Queue<? super ViewFuture<V>> arrivals) {
        super(callable);
        this.view = view;
        this.arrivals = arrivals;
    }

    boolean isOf(ExecutorView other) {
        return view == other;
    }

    /** That command will run this; before it starts. */
    void carriedBy(ViewCommand command) {
        carrier = command;
    }

    /** That command will run what runs this; before it starts. */
    void wrappedBy(ViewCommand command) {
        wrapper = command;
    }

    @Override
    public void run() {
        ViewCommand command = view.commandHere();
        if (command == null) {
            runOnStrangersThread();
            return;
        }
        carrier = command;
        try {
            super.run();
        } finally {
            carrier = null; // it holds what this has captured
        }
    }

    private void runOnStrangersThread() {
        Thread self = Thread.currentThread();
        synchronized (this) {
            stranger = self;
        }
        try {
            super.run();
        } finally {
            synchronized (this) {
                stranger = null;
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
            if (mayInterruptIfRunning && stranger != null) {
                stranger.interrupt();
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

    /** As {@code get} would make an ExecutionException of the failure's text, and throw what that throws. */
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

    /** Runs this on the calling thread, a body's of the runner, when it has not begun; whether it ran anything. */
    boolean runHereUnlessBegun() {
        ViewCommand command = carrier;
        return command != null && !isDone() && command.runHereUnlessBegun();
    }
}
