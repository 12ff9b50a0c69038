package dev.brigade.engine.core;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A submission as a {@link CompletableFuture}, and what depends on it: who waits for either inside a body of the runner runs the
 * task, if nobody else does; on an event loop that is refused.
 */
final class HelpingFuture<T> extends CompletableFuture<T> {
    private final SubmittedTask<?> submission;

    HelpingFuture(SubmittedTask<?> submission) {
        this.submission = submission;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new HelpingFuture<>(submission);
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

    /** False when interrupted, which is not join's business. */
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
            submission.checkMayWait();
            submission.helpOrCheck(atMostNanos);
        }
    }
}
