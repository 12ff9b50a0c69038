package dev.brigade.engine.batch;

import dev.brigade.Outcome;
import dev.brigade.RunOptions;
import dev.brigade.TaskFunction;
import dev.brigade.engine.core.BatchRun;
import dev.brigade.engine.core.EngineTask;
import dev.brigade.engine.core.RunnerCore;
import dev.brigade.engine.state.CompletionQueue;
import dev.brigade.engine.state.ProgressCounter;
import dev.brigade.threads.OwnThreads;
import dev.brigade.threads.ThrowableText;
import java.lang.ref.WeakReference;
import java.util.Collection;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The consumer's side of a batch: pulls inputs into the window, waits, and delivers outcomes.
 *
 * <p>Design note: the fields without a comment belong to the consumer's thread. Other threads reach it only through the completion queue,
 * {@link BatchRun#abort} and the volatile fields.
 */
public final class OutcomeIterator<I, R> implements Iterator<Outcome<I, R>>, BatchRun.Sink<I, R> {
    private final RunnerCore engine;
    final BatchRun<I, R> batch;
    private final Iterable<? extends I> inputs;
    /** True if outcomes, except failures, may be collected late: the caller waits for all values and has no listener. */
    private final boolean patient;

    private final PullWindow window;

    private final ReorderBuffer<I, R> buffer;

    /** Settled tasks on their way to the consumer. */
    private final CompletionQueue<EngineTask<I, R>> settled = new CompletionQueue<>();

    /** Set by {@code cancel} and {@code close}: no more inputs are pulled; the iteration ends normally. */
    private volatile boolean cancelled;
    /** Set by {@code close}: undelivered outcomes are dropped. */
    private volatile boolean dropped;
    /** Written by the consumer alone. */
    final ProgressCounter counter;
    /** True once the batch's event has been recorded. */
    private final AtomicBoolean recorded = new AtomicBoolean();

    /** Begun by the consumer; recorded by the first thread that ends the iteration or closes it. */
    private final BatchEvent event = new BatchEvent();

    private @Nullable Iterator<? extends I> source;
    private boolean exhausted;
    private boolean finished;
    private @Nullable EngineTask<I, R> next;
    private @Nullable CancellationException failure;

    OutcomeIterator(
            RunnerCore engine,
            Iterable<? extends I> inputs,
            TaskFunction<I, R> function,
            RunOptions options,
            Object code,
            ResultDemand demand) {
        this.engine = engine;
        this.inputs = inputs;
        buffer = new ReorderBuffer<>(options.ordered());
        patient = demand == ResultDemand.ALL && options.onProgress().isEmpty();
        counter = new ProgressCounter(totalOf(inputs)); // first: if this user code throws, no session is open yet
        batch = new BatchRun<>(engine, function, options, code, demand == ResultDemand.OUTCOMES, this);
        window =
                new PullWindow(options.buffer(), batch.spec.maxConcurrency(), engine.backend.inline(), inputs, patient);
    }

    private static OptionalLong totalOf(Iterable<?> inputs) {
        return inputs instanceof Collection<?> all ? OptionalLong.of(Math.max(0, all.size())) : OptionalLong.empty();
    }

    @Override
    public void settled(EngineTask<I, R> task) {
        boolean urgent = patient && task.failed(); // read before the task is the consumer's
        settled(task, task, 1);
        if (urgent) {
            wake();
        }
    }

    @Override
    public void settled(EngineTask<I, R> newest, EngineTask<I, R> oldest, int count) {
        settled.push(newest, oldest, count);
    }

    @Override
    public void wake() {
        settled.wake();
    }

    /**
     * Runs the consumer on a thread of its own, with the caller's context. It runs on the calling thread instead if the batch needs that
     * thread, or the permit of the body that the thread runs.
     */
    public void consume(Runnable consumer) {
        if (engine.backend.inline() || (engine.isAroundThisThread() && engine.mayWait())) {
            consumer.run();
        } else {
            OwnThreads.daemon("brigade-" + engine.name + "-consumer", () -> batch.runInContext(consumer))
                    .start();
        }
    }

    void cancel() {
        cancelled = true;
        batch.cancelAll();
        wake();
    }

    void close() {
        dropped = true;
        cancel();
        recordOnce();
        batch.finish();
    }

    @Override
    public boolean hasNext() {
        if (next != null) {
            return true;
        }
        if (failure != null) {
            throw failure;
        }
        if (dropped) {
            return false;
        }
        if (source == null) {
            begin();
        }
        while (!finished && next == null) {
            throwIfAborted();
            advance();
        }
        return next != null;
    }

    /** Delivers the next outcome, or ends the iteration, or waits for a change. */
    private void advance() {
        if (!patient || buffer.peek() == null) {
            lookForMore();
        }
        if (batch.isAborted()) {
            return; // tasks that have settled since may have been cancelled by the abort
        }
        EngineTask<I, R> task = dropped ? null : buffer.poll();
        if (task != null) {
            next = deliver(task);
        } else if (isOver()) {
            finish();
        } else {
            awaitMore();
        }
    }

    private void lookForMore() {
        if (patient && window.isHalfEmpty(buffer.unsettled())) {
            pull(); // before collecting, which could go on until no task is left to start
        }
        buffer.add(settled.takeAll());
        if (buffer.peek() == null || (window.isHalfEmpty(buffer.unsettled()) && window.isWorthABurst())) {
            pull();
            buffer.add(settled.takeAll());
        }
    }

    /** Returns true if no more outcomes will be delivered. */
    boolean isFinished() {
        return finished && next == null;
    }

    /** Returns the exception that {@code hasNext} throws once the iteration has been cut short; null if it has not been. */
    @Nullable
    public CancellationException failure() {
        return failure;
    }

    /** Returns the next outcome of a task that has settled already; null if there is none. */
    @Nullable
    public Outcome<I, R> settledNow() {
        buffer.add(settled.takeAll());
        EngineTask<I, R> task = buffer.poll();
        return task == null ? null : deliver(task).outcome();
    }

    @Override
    public Outcome<I, R> next() {
        return nextTask().outcome();
    }

    /** As {@link #next}, but returns the task itself, decoded, for a caller that needs only its value. */
    public EngineTask<I, R> nextTask() {
        EngineTask<I, R> task = hasNext() ? next : null;
        if (task == null) {
            throw new NoSuchElementException("no more outcomes");
        }
        next = null;
        return task;
    }

    private void begin() {
        event.begin();
        source = openSource();
        try {
            engine.lifecycle.register(batch);
            WeakReference<BatchRun<I, R>> weak =
                    new WeakReference<>(batch); // the timer must keep no outcomes that their consumer has dropped
            batch.startTimer(() -> expire(weak.get()));
        } catch (RuntimeException | OutOfMemoryError closedOrNoThread) {
            batch.abort(closedOrNoThread);
        }
    }

    /** Opens the inputs' iterator, as a loop would. A throwable from it, or a null iterator, ends the iteration. */
    private Iterator<? extends I> openSource() {
        try {
            return Objects.requireNonNull(inputs.iterator(), "inputs.iterator() returned null");
        } catch (Throwable t) {
            batch.abort(t);
            failure = abandoned(t);
            throw t;
        }
    }

    private static void expire(@Nullable BatchRun<?, ?> late) {
        if (late != null) {
            late.abort(new TimeoutException("the batch exceeded its timeout of "
                    + late.options.timeout().orElseThrow()));
        }
    }

    private void throwIfAborted() {
        if (Thread.currentThread().isInterrupted()) {
            batch.abort(new InterruptedException("the consumer was interrupted"));
        }
        Throwable reason = batch.aborted();
        if (reason != null) {
            throw abandoned(reason);
        }
    }

    private CancellationException abandoned(Throwable reason) {
        CancellationException abandoned =
                new CancellationException("the iteration was cut short: " + ThrowableText.messageOf(reason));
        abandoned.initCause(reason);
        failure = abandoned;
        finish();
        return abandoned;
    }

    /**
     * Returns true if the iteration is over: it is closed, or all tasks that will be pulled have been delivered. Throws if a closing runner
     * keeps the inputs from being pulled, because that is no normal end.
     */
    private boolean isOver() {
        if (!dropped && buffer.unsettled() == 0 && !exhausted && !cancelled && !engine.lifecycle.isOpen()) {
            throw abandoned(engine.lifecycle.closedException());
        }
        return dropped || (buffer.unsettled() == 0 && (exhausted || cancelled));
    }

    private void recordOnce() {
        if (recorded.compareAndSet(false, true)) {
            event.record(batch, counter.progress());
        }
    }

    private void finish() {
        finished = true;
        recordOnce();
        batch.finish();
    }

    private void pull() {
        while (!exhausted && !cancelled && window.hasRoom() && engine.lifecycle.isOpen() && !batch.isAborted()) {
            EngineTask<I, R> task = pullOne();
            if (task == null || !engine.lifecycle.isOpen()) {
                exhausted = task
                        == null; // else the runner closed meanwhile: starting this task would abort the drained ones
                break;
            }
            buffer.pulled(task);
            batch.add(task);
            if (window.pulled(task.encodedBytes())) {
                startPulled();
            }
        }
        startPulled();
    }

    private void startPulled() {
        window.started();
        batch.startAdded();
        if (cancelled) {
            batch.cancelAll();
        }
    }

    /** Pulls the next input; returns null if there is none. A throwable from the caller's iterator cancels the tasks that run. */
    private @Nullable EngineTask<I, R> pullOne() {
        Iterator<? extends I> from = source;
        try {
            if (!Objects.requireNonNull(from).hasNext()) {
                return null;
            }
            I input = from.next();
            return new EngineTask<>(batch, counter.countPulled(), input);
        } catch (Throwable t) {
            batch.abort(t);
            failure = abandoned(t);
            throw t;
        }
    }

    private void awaitMore() {
        if (engine.backend.inline()) {
            if (engine.isAroundThisThread() ? batch.runOneHere() : batch.startInline()) {
                return;
            }
        } else {
            engine.backend.checkMayWait();
            if (engine.isAroundThisThread() && batch.runOneHere()) {
                return;
            }
        }
        try {
            settled.await((int) window.worthAWait(buffer.unsettled(), exhausted));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private EngineTask<I, R> deliver(EngineTask<I, R> task) {
        batch.delivered(task);
        counter.count(task.decode());
        window.delivered(task);
        window.tell(batch.hints);
        counter.tell(batch.options);
        return task;
    }
}
