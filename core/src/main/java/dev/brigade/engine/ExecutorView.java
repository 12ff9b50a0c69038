package dev.brigade.engine;

import dev.brigade.Outcome;
import dev.brigade.Task;
import dev.brigade.TaskFuture;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A runner seen as an executor service, with a life of its own: shutting it down leaves the runner open.
 *
 * <p>Design note: one lock guards all state, so that nothing is accepted after the shutdown; it is never held while a command or
 * the runner runs.
 */
final class ExecutorView extends AbstractExecutorService {
    private final StrategyRunner runner;

    /** Guards all fields below; waited on for the end. */
    private final Object lock = new Object();

    /** Commands whose bodies are not gone, in the order of their acceptance. */
    private final Set<Command> pending = new LinkedHashSet<>();

    private boolean shutdown;

    ExecutorView(StrategyRunner runner) {
        this.runner = runner;
    }

    /** What {@code submit} hands out: waiting for it inside a body of the runner runs the command, if nobody else does. */
    private static final class HelpedFuture<V> extends FutureTask<V> {
        /** Set once the runner has accepted the command. */
        private volatile @Nullable TaskFuture<Void> accepted;

        HelpedFuture(Callable<V> callable) {
            super(callable);
        }

        private void help() throws InterruptedException {
            TaskFuture<Void> task = accepted;
            if (task != null && !isDone()) {
                Outcome<Void, Void> ignored = task.await();
            }
        }

        @Override
        public V get() throws InterruptedException, ExecutionException {
            help();
            return super.get();
        }
    }

    @Override
    protected <T> RunnableFuture<T> newTaskFor(Callable<T> callable) {
        return new HelpedFuture<>(callable);
    }

    @Override
    protected <T> RunnableFuture<T> newTaskFor(Runnable runnable, T value) {
        return new HelpedFuture<>(Executors.callable(runnable, value));
    }

    @Override
    public void execute(Runnable runnable) {
        Command command = new Command(runnable);
        synchronized (lock) {
            if (shutdown) {
                throw new RejectedExecutionException("this executor view of " + runner + " is shut down");
            }
            pending.add(command);
        }
        try {
            follow(command, runner.submit(command));
        } catch (RejectedExecutionException e) {
            gone(command);
            throw e;
        } catch (RuntimeException | Error e) {
            gone(command);
            throw new RejectedExecutionException(runner + " cannot take a Runnable: " + e.getMessage(), e);
        }
    }

    private void follow(Command command, TaskFuture<Void> future) {
        if (command.runnable instanceof HelpedFuture<?> helped) {
            helped.accepted = future;
        }
        boolean cancelNow;
        synchronized (lock) {
            command.future = future;
            cancelNow = command.unwanted;
        }
        CompletionStage<Void> ignored =
                future.toCompletableFuture().whenComplete((nothing, failure) -> doneUnlessRunning(command));
        if (cancelNow) {
            future.cancel(true);
        }
    }

    private void doneUnlessRunning(Command command) {
        synchronized (lock) {
            if (command.begun) {
                return; // its body says when it is gone
            }
        }
        if (!command.unwanted && command.runnable instanceof Future<?> never) {
            boolean ignored = never.cancel(false); // or who waits for it would wait for ever
        }
        gone(command);
    }

    private void gone(Command command) {
        synchronized (lock) {
            pending.remove(command);
            lock.notifyAll();
        }
    }

    @Override
    public void shutdown() {
        synchronized (lock) {
            shutdown = true;
            lock.notifyAll();
        }
    }

    @Override
    public List<Runnable> shutdownNow() {
        List<Runnable> neverBegun = new ArrayList<>();
        List<TaskFuture<Void>> futures = new ArrayList<>();
        synchronized (lock) {
            shutdown = true;
            for (Command command : pending) {
                command.unwanted = true;
                if (command.future != null) {
                    futures.add(command.future);
                }
                if (!command.begun) {
                    neverBegun.add(command.runnable);
                }
            }
        }
        futures.forEach(future -> future.cancel(true));
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
        long deadlineNanos = System.nanoTime() + unit.toNanos(timeout);
        synchronized (lock) {
            while (!isTerminated()) {
                long leftNanos = deadlineNanos - System.nanoTime();
                if (leftNanos <= 0) {
                    return false;
                }
                TimeUnit.NANOSECONDS.timedWait(lock, leftNanos + 999_999); // whole milliseconds, rounded up
            }
            return true;
        }
    }

    /** A command on its way; never transported, although every task could be. */
    @SuppressWarnings("serial") // in-process runners serialize nothing
    private final class Command implements Task<Void> {
        final transient Runnable runnable;

        /** Guarded by the view's lock, as are the next two. */
        transient boolean begun;

        transient boolean unwanted;
        transient @Nullable TaskFuture<Void> future;

        Command(Runnable runnable) {
            this.runnable = runnable;
        }

        @Override
        @SuppressWarnings("NullAway") // the one value of Void
        public Void call() {
            synchronized (lock) {
                if (unwanted) {
                    return null;
                }
                begun = true;
            }
            try {
                runnable.run();
            } catch (Throwable t) {
                Thread self = Thread.currentThread();
                self.getUncaughtExceptionHandler().uncaughtException(self, t);
            } finally {
                gone(this);
            }
            return null;
        }
    }
}
