package dev.brigade.engine.view;

import dev.brigade.RunOptions;
import dev.brigade.engine.core.AttemptState;
import dev.brigade.engine.core.RunnerCore;
import dev.brigade.engine.core.SubmittedTask;
import dev.brigade.engine.core.TaskAttempt;
import dev.brigade.spi.TaskBodies;
import dev.brigade.threads.ThrowableText;
import dev.brigade.threads.Waiters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An executor service that runs its commands on a runner. Its lifecycle is its own: shutting it down leaves the runner open.
 *
 * <p>Design note: one lock guards all state, so that no command is accepted after the shutdown. The lock is never held while a command runs
 * or the runner is called. All waiting methods behave as those of {@code TaskFuture}. Inside a body of the runner they run commands that
 * have not begun; on an event loop they refuse to wait.
 */
public final class ExecutorView extends AbstractExecutorService {
    /**
     * Number of nested bodies from which a completion service's command is no longer run inside the body that submits it, because a stack
     * is finite.
     */
    private static final int MAX_DEPTH = 64;

    /**
     * The future that the thread has made last and not yet passed to {@code execute}. A completion service passes a wrapper of it at once;
     * a thread that waits for the future runs the wrapper.
     */
    private static final ThreadLocal<@Nullable ViewFuture<?>> NEWEST = new ThreadLocal<>();

    final RunnerCore engine;

    /** Threads that wait for termination, for a command to begin, or for the first of several futures. */
    private final Waiters waiters = new Waiters();

    /** Guards all fields below. */
    private final Object lock = new Object();

    /** Accepted commands that have not ended, in the order of their acceptance. */
    private final Set<ViewCommand> pending = new LinkedHashSet<>();

    private boolean shutdown;

    public ExecutorView(RunnerCore engine) {
        this.engine = engine;
    }

    // ---- commands

    @Override
    protected <T> RunnableFuture<T> newTaskFor(Callable<T> callable) {
        ViewFuture<T> future = new ViewFuture<>(this, callable, null);
        NEWEST.set(future);
        return future;
    }

    @Override
    protected <T> RunnableFuture<T> newTaskFor(Runnable runnable, T value) {
        return newTaskFor(Executors.callable(runnable, value));
    }

    @Override
    public void execute(Runnable runnable) {
        start(runnable, RunOptions.defaults());
    }

    private void start(Runnable runnable, RunOptions options) {
        ViewFuture<?> made = NEWEST.get();
        NEWEST.remove();
        boolean wrapped = isCompletionServices(Objects.requireNonNull(runnable, "command"));
        ViewCommand command =
                new ViewCommand(this, runnable, options, wrapped && made != null && made.isOf(this) ? made : null);
        try {
            engine.lifecycle.checkOpen();
            command.prepare(engine, options);
            accept(command);
            command.start();
        } catch (RejectedExecutionException e) {
            forget(command);
            throw e;
        } catch (RuntimeException | Error e) {
            forget(command);
            throw new RejectedExecutionException(engine.runner + " cannot take a Runnable: " + e.getMessage(), e);
        }
        TaskAttempt<?, ?> body = wrapped ? RunnerCore.bodyHere() : null;
        if (body != null && body.depth() < MAX_DEPTH && engine.isAroundThisThread() && engine.mayWait()) {
            runUnlessBegun(command);
        }
    }

    /**
     * Runs the command here, or waits until it has begun elsewhere. The submitting body will wait for it on the completion service's own
     * queue, and this view does not see that wait.
     */
    private void runUnlessBegun(ViewCommand command) {
        TimeLeft forever = new TimeLeft(Long.MAX_VALUE);
        try {
            Boolean ignored = await(() -> hasBegun(command) ? true : null, true, command::runHereUnlessBegun, forever);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Called for a command that is refused, and perhaps queued already: it must not run, and its session is closed. */
    private void forget(ViewCommand command) {
        ViewCommand.Stage ignored = drop(command);
        command.cancelIfPrepared();
        gone(command);
    }

    private void accept(ViewCommand command) {
        synchronized (lock) {
            if (shutdown) {
                throw new RejectedExecutionException("this executor view of " + engine.runner + " is shut down");
            }
            pending.add(command);
        }
        changed(); // a thread that waits for termination may have to run it
    }

    /** Returns true if a completion service made the runnable; its {@code take} waits on a queue of its own. */
    private static boolean isCompletionServices(Runnable runnable) {
        return runnable.getClass().getEnclosingClass() == ExecutorCompletionService.class;
    }

    /** Returns the innermost command of this view whose body runs on the calling thread; null if there is none. */
    @Nullable
    ViewCommand commandHere() {
        for (AttemptState body = RunnerCore.bodyHere(); body != null; body = body.outer()) {
            if (body instanceof TaskAttempt<?, ?> attempt
                    && TaskBodies.toSend(attempt.task.batch.function()) instanceof ViewCommand command
                    && command.isOf(this)) {
                return command;
            }
        }
        return null;
    }

    /** Marks the command as begun if it still may begin; returns true if so. */
    boolean begins(ViewCommand command) {
        synchronized (lock) {
            boolean may = command.stage == ViewCommand.Stage.WAITING;
            command.stage = may ? ViewCommand.Stage.BEGUN : command.stage;
            return may;
        }
    }

    /** Returns true if the command's body has begun or never will. */
    private boolean hasBegun(ViewCommand command) {
        synchronized (lock) {
            return command.stage != ViewCommand.Stage.WAITING;
        }
    }

    /** Keeps the command's body from beginning, unless it has begun; returns the stage before. */
    ViewCommand.Stage drop(ViewCommand command) {
        synchronized (lock) {
            ViewCommand.Stage before = command.stage;
            command.stage = before == ViewCommand.Stage.WAITING ? ViewCommand.Stage.DROPPED : before;
            return before;
        }
    }

    void gone(ViewCommand command) {
        synchronized (lock) {
            pending.remove(command);
        }
        changed();
    }

    /** Makes all waiting threads check their conditions again. */
    void changed() {
        waiters.wakeAll();
    }

    /**
     * Waits until {@code wanted} returns a value, at most the time left; returns null if it returns none. If {@code helps}, the thread runs
     * commands while it can, and waits only when it cannot.
     */
    private <X> @Nullable X await(
            Supplier<@Nullable X> wanted, boolean helps, BooleanSupplier runsOneHere, TimeLeft left)
            throws InterruptedException {
        try (Waiters.Waiter waiter = waiters.enter()) {
            X found = wanted.get();
            while (found == null && left.nanos() > 0) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                if (!helps || !runsOneHere.getAsBoolean()) {
                    boolean ignored = waiter.await(left.nanos());
                }
                found = wanted.get();
            }
            return found;
        }
    }

    void checkMayWait() {
        engine.backend.checkMayWait();
    }

    // ---- several at once

    @Override
    public <T> List<Future<T>> invokeAll(Collection<? extends Callable<T>> tasks) throws InterruptedException {
        checkMayWait();
        return super.invokeAll(tasks);
    }

    /**
     * As the JDK's, except that the timer, and not the calling thread, interrupts a task that outlasts the time: the calling thread may be
     * running it.
     */
    @Override
    public <T> List<Future<T>> invokeAll(Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
            throws InterruptedException {
        checkMayWait();
        TimeLeft left = new TimeLeft(unit.toNanos(timeout));
        List<ViewFuture<T>> futures = futuresOf(tasks, null);
        try {
            futures.forEach(future -> startWithin(left, future));
            for (ViewFuture<T> future : futures) {
                awaitQuietly(future);
            }
            return new ArrayList<>(futures);
        } catch (Throwable t) {
            cancelAll(futures);
            throw t;
        }
    }

    private <T> List<ViewFuture<T>> futuresOf(
            Collection<? extends Callable<T>> tasks, @Nullable Queue<ViewFuture<T>> arrivals) {
        List<ViewFuture<T>> futures = new ArrayList<>(tasks.size());
        for (Callable<T> task : tasks) {
            futures.add(new ViewFuture<>(this, task, arrivals));
        }
        return futures;
    }

    private void startWithin(TimeLeft left, ViewFuture<?> future) {
        long nanos = left.nanos();
        if (nanos <= 0) {
            future.cancel(true);
        } else {
            start(future, left.options());
        }
    }

    private static void awaitQuietly(ViewFuture<?> future) throws InterruptedException {
        try {
            Object ignored = future.get();
        } catch (ExecutionException | CancellationException ignored) {
            // the caller reads it from the future
        }
    }

    private static void cancelAll(List<? extends Future<?>> futures) {
        futures.forEach(future -> future.cancel(true));
    }

    @Override
    public <T> T invokeAny(Collection<? extends Callable<T>> tasks) throws InterruptedException, ExecutionException {
        try {
            return firstOf(tasks, new TimeLeft(Long.MAX_VALUE));
        } catch (TimeoutException e) {
            throw new AssertionError("there is no timeout", e);
        }
    }

    @Override
    public <T> T invokeAny(Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
            throws InterruptedException, ExecutionException, TimeoutException {
        return firstOf(tasks, new TimeLeft(unit.toNanos(timeout)));
    }

    private <T> T firstOf(Collection<? extends Callable<T>> tasks, TimeLeft left)
            throws InterruptedException, ExecutionException, TimeoutException {
        checkMayWait();
        if (tasks.isEmpty()) {
            throw new IllegalArgumentException("invokeAny needs at least 1 task, got 0");
        }
        Queue<ViewFuture<T>> arrivals = new ConcurrentLinkedQueue<>();
        List<ViewFuture<T>> futures = futuresOf(tasks, arrivals);
        try {
            Iterator<ViewFuture<T>> waiting = futures.iterator();
            Throwable last = null;
            for (int ended = 0; ended < futures.size(); ended++) {
                try {
                    return nextOf(arrivals, waiting, futures, left).get();
                } catch (ExecutionException e) {
                    last = e.getCause();
                } catch (CancellationException e) {
                    last = e;
                }
            }
            if (left.nanos() <= 0) {
                throw new TimeoutException("none of " + futures.size() + " tasks succeeded in time");
            }
            throw ThrowableText.wrapped(last);
        } finally {
            cancelAll(futures);
        }
    }

    /**
     * Returns the next future that is done. As in the JDK, tasks are started one after the other while none is done. So a runner that runs
     * them on this thread runs no more than it must.
     */
    private <T> ViewFuture<T> nextOf(
            Queue<ViewFuture<T>> arrivals, Iterator<ViewFuture<T>> waiting, List<ViewFuture<T>> futures, TimeLeft left)
            throws InterruptedException {
        ViewFuture<T> ended = arrivals.poll();
        while (ended == null && waiting.hasNext()) {
            startWithin(left, waiting.next());
            ended = arrivals.poll();
        }
        if (ended == null) {
            BooleanSupplier runsOneHere = () -> futures.stream().anyMatch(ViewFuture::runHereUnlessBegun);
            TimeLeft forever = new TimeLeft(Long.MAX_VALUE); // each future has its own time-out
            ended = await(arrivals::poll, engine.isAroundThisThread(), runsOneHere, forever);
        }
        return Objects.requireNonNull(ended);
    }

    /** The time that is left to a method call with a time-out. */
    private record TimeLeft(long startNanos, long timeoutNanos) {
        TimeLeft(long timeoutNanos) {
            this(System.nanoTime(), timeoutNanos);
        }

        long nanos() {
            return SubmittedTask.leftNanos(startNanos, timeoutNanos);
        }

        RunOptions options() {
            Duration left = Duration.ofNanos(Math.max(1, nanos()));
            return left.compareTo(RunOptions.MAX_DURATION) > 0
                    ? RunOptions.defaults()
                    : RunOptions.builder().timeout(left).build();
        }
    }

    // ---- termination

    @Override
    public void shutdown() {
        synchronized (lock) {
            shutdown = true;
        }
        changed();
    }

    @Override
    public List<Runnable> shutdownNow() {
        List<Runnable> neverBegun = new ArrayList<>();
        List<ViewCommand> all;
        synchronized (lock) {
            shutdown = true;
            all = List.copyOf(pending);
            for (ViewCommand command : all) {
                if (command.stage == ViewCommand.Stage.WAITING) {
                    command.stage = ViewCommand.Stage.GIVEN_BACK;
                    neverBegun.add(command.runnable);
                }
            }
        }
        changed();
        all.forEach(command -> command.cancel(true));
        return neverBegun;
    }

    @Override
    public boolean isShutdown() {
        synchronized (lock) {
            return shutdown;
        }
    }

    @Override
    public boolean isTerminated() {
        synchronized (lock) {
            return shutdown && pending.isEmpty();
        }
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        if (isTerminated()) {
            return true;
        }
        checkMayWait();
        TimeLeft left = new TimeLeft(unit.toNanos(timeout));
        return await(() -> isTerminated() ? true : null, engine.isAroundThisThread(), this::runOneHere, left) != null;
    }

    /**
     * Runs a command that has not begun on the calling thread, which holds the permit that the command may need; returns true if it ran
     * one.
     */
    private boolean runOneHere() {
        List<ViewCommand> all;
        synchronized (lock) {
            all = pending.stream()
                    .filter(command -> command.stage == ViewCommand.Stage.WAITING)
                    .toList();
        }
        return all.stream().anyMatch(ViewCommand::runHereUnlessBegun);
    }

    /**
     * As {@code ExecutorService.close} of JDK 19 and later, except that a command of this view may not call it: it would wait for itself
     * for ever.
     *
     * @throws IllegalStateException if called by a command of this view
     */
    public void close() {
        if (commandHere() != null) {
            throw new IllegalStateException(
                    "this executor view of " + engine.runner + " cannot be closed by its own command");
        }
        shutdown();
        boolean interrupted = false;
        while (!isTerminated()) {
            try {
                boolean ignored = awaitTermination(1, TimeUnit.DAYS);
            } catch (InterruptedException e) {
                if (!interrupted) {
                    shutdownNow();
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
