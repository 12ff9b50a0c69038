package dev.brigade.engine;

import dev.brigade.Outcome;
import dev.brigade.RunOptions;
import dev.brigade.TaskFunction;
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
 * The consumer's side of a call over many inputs: pulls inputs into the window, waits, hands out outcomes.
 *
 * <p>Design note: all fields without a comment belong to the consumer's thread. Other threads reach it through the completion
 * queue and {@link Call#abort} alone.
 */
final class Cursor<I, R> implements Iterator<Outcome<I, R>>, Call.Sink<I, R> {
    private final Engine engine;
    final Call<I, R> call;
    private final Iterable<? extends I> inputs;
    /** Whether nobody minds that outcomes, but for failures, are collected late. */
    private final boolean patient;

    private final Window window;

    private final Deliveries<I, R> deliveries;

    /** Items that settled, on their way to the consumer. */
    private final CompletionQueue<Item<I, R>> settled = new CompletionQueue<>();

    /** Set by {@code cancel} and {@code close}: nothing more is pulled; the iteration ends normally. */
    private volatile boolean cancelled;
    /** Set by {@code close}: what is not handed out is dropped. */
    private volatile boolean dropped;
    /** Counted by the consumer. */
    final Tally tally;
    /** Whether the batch's event has been written. */
    private final AtomicBoolean recorded = new AtomicBoolean();

    private final BatchEvent event = new BatchEvent();
    private @Nullable Iterator<? extends I> source;
    private boolean exhausted;
    private boolean finished;
    private @Nullable Item<I, R> next;
    private @Nullable CancellationException failure;

    Cursor(
            Engine engine,
            Iterable<? extends I> inputs,
            TaskFunction<I, R> function,
            RunOptions options,
            Object code,
            Use use) {
        this.engine = engine;
        this.inputs = inputs;
        deliveries = new Deliveries<>(options.ordered());
        patient = use == Use.ALL && options.onProgress().isEmpty();
        tally = new Tally(totalOf(inputs)); // first: it calls the user's code, and leaves no lane open
        call = new Call<>(engine, function, options, code, use == Use.OUTCOMES, this);
        window = new Window(options.buffer(), call.spec.limit(), engine.strategy.inline(), inputs, patient);
    }

    private static OptionalLong totalOf(Iterable<?> inputs) {
        return inputs instanceof Collection<?> all ? OptionalLong.of(Math.max(0, all.size())) : OptionalLong.empty();
    }

    @Override
    public void settled(Item<I, R> item) {
        boolean urgent = patient && item.failed(); // asked before it is the consumer's
        settled(item, item, 1);
        if (urgent) {
            wake();
        }
    }

    @Override
    public void settled(Item<I, R> newest, Item<I, R> oldest, int count) {
        settled.push(newest, oldest, count);
    }

    @Override
    public void wake() {
        settled.wake();
    }

    void cancel() {
        cancelled = true;
        call.cancelAll();
        wake();
    }

    void close() {
        dropped = true;
        cancel();
        recordOnce();
        call.finish();
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

    /** Hands out the next outcome, or ends, or waits for a reason to look again. */
    private void advance() {
        if (!patient || deliveries.peek() == null) {
            lookForMore();
        }
        if (call.isAborted()) {
            return; // what has settled since may have been cancelled for that very reason
        }
        Item<I, R> item = dropped ? null : deliveries.poll();
        if (item != null) {
            next = deliver(item);
        } else if (isOver()) {
            finish();
        } else {
            awaitMore();
        }
    }

    private void lookForMore() {
        if (patient && window.isHalfEmpty(deliveries.unsettled())) {
            pull(); // before it looks: it could run after what settles until there is nothing left to start
        }
        deliveries.add(settled.takeAll());
        if (deliveries.peek() == null || (window.isHalfEmpty(deliveries.unsettled()) && window.isWorthABurst())) {
            pull();
            deliveries.add(settled.takeAll());
        }
    }

    /** Whether nothing more is handed out. */
    boolean isFinished() {
        return finished && next == null;
    }

    /** What {@code hasNext} threw because the iteration was cut short; null when it was not. */
    @Nullable
    CancellationException failure() {
        return failure;
    }

    /** The outcome of an item that has settled already; null when there is none. */
    @Nullable
    Outcome<I, R> settledNow() {
        deliveries.add(settled.takeAll());
        Item<I, R> item = deliveries.poll();
        return item == null ? null : deliver(item).outcome();
    }

    @Override
    public Outcome<I, R> next() {
        return nextItem().outcome();
    }

    /** As {@link #next}: the item itself, decoded, for a caller who needs no more than its value. */
    Item<I, R> nextItem() {
        Item<I, R> item = hasNext() ? next : null;
        if (item == null) {
            throw new NoSuchElementException("no more outcomes");
        }
        next = null;
        return item;
    }

    private void begin() {
        event.begin();
        source = openSource();
        try {
            engine.lifecycle.register(call);
            WeakReference<Call<I, R>> weak =
                    new WeakReference<>(call); // a clock keeps no outcomes that their consumer has dropped
            call.startClock(() -> expire(weak.get()));
        } catch (RuntimeException | OutOfMemoryError closedOrNoThread) {
            call.abort(closedOrNoThread);
        }
    }

    /** As a loop would: what that throws, and a missing iterator, end the iteration. */
    private Iterator<? extends I> openSource() {
        try {
            return Objects.requireNonNull(inputs.iterator(), "inputs.iterator() returned null");
        } catch (Throwable t) {
            call.abort(t);
            failure = abandoned(t);
            throw t;
        }
    }

    private static void expire(@Nullable Call<?, ?> late) {
        if (late != null) {
            late.abort(new TimeoutException(
                    "the call exceeded its timeout of " + late.options.timeout().orElseThrow()));
        }
    }

    private void throwIfAborted() {
        if (Thread.currentThread().isInterrupted()) {
            call.abort(new InterruptedException("the consumer was interrupted"));
        }
        Throwable reason = call.aborted();
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

    /** Whether everything that will be pulled has been handed out; a runner that closes pulls no more, and that is no end. */
    private boolean isOver() {
        if (!dropped && deliveries.unsettled() == 0 && !exhausted && !cancelled && !engine.lifecycle.isOpen()) {
            throw abandoned(engine.lifecycle.closedException());
        }
        return dropped || (deliveries.unsettled() == 0 && (exhausted || cancelled));
    }

    private void recordOnce() {
        if (recorded.compareAndSet(false, true)) {
            event.record(call, tally.progress());
        }
    }

    private void finish() {
        finished = true;
        recordOnce();
        call.finish();
    }

    private void pull() {
        while (!exhausted && !cancelled && window.hasRoom() && engine.lifecycle.isOpen() && !call.isAborted()) {
            Item<I, R> item = pullOne();
            if (item == null || !engine.lifecycle.isOpen()) {
                exhausted = item == null; // or it came while the runner closed, and must not cost what was drained
                break;
            }
            deliveries.pulled(item);
            call.add(item);
            if (window.pulled(item.encodedBytes())) {
                startPulled();
            }
        }
        startPulled();
    }

    private void startPulled() {
        window.started();
        call.startAdded();
        if (cancelled) {
            call.cancelAll();
        }
    }

    /** The next input; null when there is none. What the caller's iterator throws cancels what runs. */
    private @Nullable Item<I, R> pullOne() {
        Iterator<? extends I> from = source;
        try {
            if (!Objects.requireNonNull(from).hasNext()) {
                return null;
            }
            I input = from.next();
            return new Item<>(call, tally.countPulled(), input);
        } catch (Throwable t) {
            call.abort(t);
            failure = abandoned(t);
            throw t;
        }
    }

    private void awaitMore() {
        if (engine.strategy.inline()) {
            if (engine.isAroundThisThread() ? call.runOneHere() : call.startInline()) {
                return;
            }
        } else {
            engine.strategy.checkMayWait();
            if (engine.isAroundThisThread() && call.runOneHere()) {
                return;
            }
        }
        try {
            settled.await((int) window.worthAWait(deliveries.unsettled(), exhausted));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Item<I, R> deliver(Item<I, R> item) {
        call.handedOut(item);
        tally.count(item.decode());
        window.delivered(item);
        window.tell(call.findings);
        tally.tell(call.options);
        return item;
    }
}
