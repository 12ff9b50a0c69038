package dev.brigade.engine.core;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A {@link CompletableFuture} of a runner, and the futures that depend on it. A body of the runner that waits for it may have to run a task
 * first; on an event loop, a wait is refused.
 */
public final class HelpingFuture<T> extends CompletableFuture<T> {
    private final Helper helper;

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

    public HelpingFuture(Helper helper) {
        this.helper = helper;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new HelpingFuture<>(helper);
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
