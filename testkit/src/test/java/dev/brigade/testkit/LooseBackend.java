package dev.brigade.testkit;

import dev.brigade.Capability;
import dev.brigade.Runner;
import dev.brigade.TaskContext;
import dev.brigade.TaskFunction;
import dev.brigade.engine.BackendRunner;
import dev.brigade.spi.Attempt;
import dev.brigade.spi.AttemptHandle;
import dev.brigade.spi.BatchSpec;
import dev.brigade.spi.ExecutionBackend;
import dev.brigade.spi.Session;
import dev.brigade.spi.StopMode;
import dev.brigade.spi.TaskBodies;
import dev.brigade.transport.Codec;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Runs bodies on threads of its own without the engine's help, and with the given faults. */
final class LooseBackend implements ExecutionBackend {

    enum Fault {
        /** Takes all attempts that can be started, and runs them at once. */
        NO_LIMIT,
        /** Reports that a body has begun when it has only been queued. */
        EARLY_CLOCK,
        /** Interrupts the thread that ran the body, a while later. */
        LATE_INTERRUPT,
        /** Interrupts the thread that began the batch as well. */
        INTERRUPTS_THE_SUBMITTER,
        /** Runs nested tasks on their parent's thread, and clears an interrupt of that thread meanwhile. */
        SWALLOWS_AROUND_NESTED,
        /** Does not bind the caller's context. */
        NO_CONTEXT,
        /** Leaves the caller's context on the thread. */
        LEAKY_CONTEXT,
        /** Reports that a body has ended when it has only been told to stop. */
        EARLY_END,
        /** Transports, but encodes an input only when its body needs it. */
        LATE_ENCODING
    }

    private final Set<Fault> faults;
    private final int limit;
    private final ExecutorService threads;
    private final AtomicReference<@Nullable Runner> runner = new AtomicReference<>();

    private LooseBackend(int limit, Set<Fault> faults) {
        this.limit = limit;
        this.faults = faults;
        threads = faults.contains(Fault.NO_LIMIT)
                ? Executors.newCachedThreadPool(ContractFixture::daemon)
                : Executors.newFixedThreadPool(faults.contains(Fault.EARLY_CLOCK) ? 1 : limit, ContractFixture::daemon);
    }

    static Runner runner(int limit, RunnerSettings settings, Fault... faults) {
        Set<Fault> all = EnumSet.noneOf(Fault.class);
        all.addAll(List.of(faults));
        LooseBackend strategy = new LooseBackend(limit, all);
        Runner made = new BackendRunner("loose", strategy, settings.closeTimeout());
        strategy.runner.set(made);
        return made;
    }

    @Override
    public Set<Capability> capabilities() {
        return faults.contains(Fault.LATE_ENCODING)
                ? Set.of(Capability.PARALLEL, Capability.PROMPT_TIMEOUT)
                : Set.of(Capability.PARALLEL, Capability.SHARED_MEMORY, Capability.PROMPT_TIMEOUT);
    }

    @Override
    public int maxConcurrency() {
        return limit;
    }

    @Override
    public boolean queuesAhead() {
        return faults.contains(Fault.NO_LIMIT) || faults.contains(Fault.EARLY_CLOCK);
    }

    @Override
    public <I, R> Session<I, R> open(TaskFunction<I, R> function, BatchSpec spec) {
        Thread submitter = Thread.currentThread();
        return input -> attempt -> {
            Body<R> body = new Body<>(attempt, submitter);
            if (faults.contains(Fault.EARLY_CLOCK)) {
                attempt.started("loose");
            }
            threads.execute(() -> run(body, function, input, spec));
            return body;
        };
    }

    private <I, R> void run(Body<R> body, TaskFunction<I, R> function, I input, BatchSpec spec) {
        body.thread = Thread.currentThread();
        if (!faults.contains(Fault.EARLY_CLOCK)) {
            body.attempt.started(Thread.currentThread().getName());
        }
        Runnable undo = faults.contains(Fault.NO_CONTEXT) ? () -> {} : TaskBodies.bindContext(spec.context());
        R value = null;
        Throwable failure = null;
        try {
            value = body.call(() -> function.apply(arrived(input, spec)));
        } catch (Throwable t) {
            failure = t;
        }
        if (!faults.contains(Fault.LEAKY_CONTEXT)) {
            undo.run();
        }
        if (!faults.contains(Fault.LATE_INTERRUPT)) {
            body.leave();
        }
        body.attempt.ended(value, failure);
    }

    @SuppressWarnings("unchecked") // a copy is of its original's type
    private <I> I arrived(I input, BatchSpec spec) {
        if (!faults.contains(Fault.LATE_ENCODING)) {
            return input;
        }
        Codec codec = Codec.of(spec.loader());
        return (I) codec.decode(codec.encode(input));
    }

    @Override
    public boolean close(Duration atMost) throws InterruptedException {
        threads.shutdownNow();
        return threads.awaitTermination(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    private final class Body<R> extends TaskContext implements AttemptHandle {
        private final Attempt<R> attempt;
        private final List<Runnable> actions = new CopyOnWriteArrayList<>();
        private volatile boolean cancelled;
        private volatile @Nullable Thread thread;

        private final Thread submitter;

        Body(Attempt<R> attempt, Thread submitter) {
            this.attempt = attempt;
            this.submitter = submitter;
        }

        @Override
        public void stop(StopMode why) {
            cancelled = true;
            actions.forEach(Runnable::run);
            if (faults.contains(Fault.LATE_INTERRUPT)) {
                new Thread(this::interruptLate).start();
            } else {
                interrupt();
            }
            if (faults.contains(Fault.INTERRUPTS_THE_SUBMITTER)) {
                submitter.interrupt();
            }
            if (faults.contains(Fault.EARLY_END)) {
                attempt.ended(null, new IllegalStateException("told to go"));
            }
        }

        private void interruptLate() {
            try {
                TimeUnit.MILLISECONDS.sleep(2);
                interrupt();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private synchronized void interrupt() {
            Thread running = thread;
            if (running != null) {
                running.interrupt();
            }
        }

        private synchronized void leave() {
            thread = null;
            var ignored = Thread.interrupted();
        }

        @Override
        public boolean isCancelled() {
            return cancelled;
        }

        @Override
        public Runnable onCancel(Runnable action) {
            actions.add(action);
            return () -> actions.remove(action);
        }

        @Override
        public Optional<Duration> remaining() {
            return attempt.batchRemaining();
        }

        @Override
        public int attempt() {
            return attempt.number();
        }

        @Override
        public Runner runner() {
            Runner known = runner.get();
            if (known == null) {
                throw new IllegalStateException("not made yet");
            }
            return faults.contains(Fault.SWALLOWS_AROUND_NESTED)
                    ? new HalfBrokenRunners.SwallowsAroundNested(known)
                    : known;
        }
    }
}
