package dev.brigade.engine.core;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A {@link CompletableFuture} of a runner, and the futures that depend on it. A body of the runner that waits for it may have to run a task
 * first; on an event loop, a wait is refused.
 */
public final class HelpingFuture<T> extends CompletableFuture<T> {
    private final Helper helper;

    /** Cancels the task, if it goes on. */
    private final Runnable cancelsTask;

    /** True once the task or somebody outside ends this: the cancelled task must not be faster than who cancelled it. One way. */
    private final AtomicBoolean ending = new AtomicBoolean();

    /** Called before each wait. */
    @FunctionalInterface
    public interface Helper {
        /**
         * Runs the task that the calling thread would wait for, if it can.
         *
         * @param atMostNanos the longest time that the thread will wait
         * @throws IllegalStateException if the thread is an event loop that would have to wait for itself
         */
        void helpOrCheck(long atMostNanos) throws InterruptedException;
    }

    /**
     * Makes the future of a task. If it is cancelled or completed from outside, the task is cancelled first: a dependent may wait for the
     * task, and runs before {@code cancel} returns.
     *
     * @param cancelsTask cancels the task; does nothing if the task has ended
     */
    @SuppressWarnings("this-escape") // nobody sees it before the constructor returns
    public HelpingFuture(Helper helper, Runnable cancelsTask) {
        this(cancelsTask, helper);
        CompletionStage<T> ignored =
                whenComplete((value, failure) -> cancelsTask.run()); // for obtruded values and the like
    }

    private HelpingFuture(Runnable cancelsTask, Helper helper) {
        this.helper = helper;
        this.cancelsTask = cancelsTask;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new HelpingFuture<>(() -> {}, helper);
    }

    /** Completes this with the task's result, unless it is being ended from outside. */
    public void completeByTask(@Nullable T value) {
        if (ending.compareAndSet(false, true)) {
            super.complete(value);
        }
    }

    /** Completes this with the task's failure, unless it is being ended from outside. */
    public void failByTask(Throwable failure) {
        if (ending.compareAndSet(false, true)) {
            super.completeExceptionally(failure);
        }
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        cancelTask();
        return super.cancel(mayInterruptIfRunning);
    }

    @Override
    public boolean complete(T value) {
        cancelTask();
        return super.complete(value);
    }

    @Override
    public boolean completeExceptionally(Throwable failure) {
        cancelTask();
        return super.completeExceptionally(failure);
    }

    private void cancelTask() {
        if (ending.compareAndSet(false, true)) {
            cancelsTask.run();
        }
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        helpOrCheck(Long.MAX_VALUE);
        return super.get();
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        long startNanos = System.nanoTime();
        long timeoutNanos = unit.toNanos(timeout);
        helpOrCheck(timeoutNanos);
        return super.get(SubmittedTask.leftNanos(startNanos, timeoutNanos), TimeUnit.NANOSECONDS);
    }

    @Override
    public T join() {
        boolean interrupted = false;
        try {
            while (!helped()) {
                interrupted = true;
            }
            return super.join();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Returns false if interrupted, which does not end a {@code join}. */
    private boolean helped() {
        try {
            helpOrCheck(Long.MAX_VALUE);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    private void helpOrCheck(long atMostNanos) throws InterruptedException {
        if (!isDone()) {
            helper.helpOrCheck(atMostNanos);
        }
    }
}
