package dev.brigade.engine;

import dev.brigade.Outcome;
import dev.brigade.Progress;
import dev.brigade.RunOptions;
import dev.brigade.TaskFunction;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Iterator;
import java.util.NoSuchElementException;
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
    private final boolean ordered;
    private final Window window;

    /** Items that settled, on their way to the consumer. */
    private final CompletionQueue<Item<I, R>> settled = new CompletionQueue<>();

    /** Set by {@code cancel} and {@code close}: nothing more is pulled, and the iteration ends normally. */
    private volatile boolean cancelled;
    /** Set by {@code close}: what is not handed out is dropped. */
    private volatile boolean dropped;
    /** Counted by the consumer. */
    private final Tally tally;
    /** Whether the batch's event has been written. */
    private final AtomicBoolean recorded = new AtomicBoolean();

    private final BatchEvent event = new BatchEvent();
    private @Nullable Iterator<? extends I> source;
    private boolean exhausted;
    private boolean finished;
    private long unsettled;
    private final ArrayDeque<Item<I, R>> deliverable = new ArrayDeque<>();
    private final ArrayDeque<Item<I, R>> inOrder = new ArrayDeque<>();
    private @Nullable Outcome<I, R> next;
    private @Nullable CancellationException failure;

    Cursor(
            Engine engine,
            Iterable<? extends I> inputs,
            TaskFunction<I, R> function,
            RunOptions options,
            Object code,
            boolean timed) {
        this.engine = engine;
        this.inputs = inputs;
        ordered = options.ordered();
        call = new Call<>(engine, function, options, code, timed, this);
        window =
                new Window(options.buffer(), call.spec.limit(), engine.strategy.inline(), inputs instanceof Collection);
        tally = new Tally(inputs instanceof Collection<?> all ? OptionalLong.of(all.size()) : OptionalLong.empty());
    }

    @Override
    public void settled(Item<I, R> item) {
        settled.push(item);
    }

    @Override
    public void wake() {
        settled.wake();
    }

    Progress progress() {
        return tally.progress();
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
        collectSettled();
        if (deliverable.isEmpty() || window.isHalfEmpty(unsettled)) {
            pull();
            collectSettled();
        }
        if (call.isAborted()) {
            return; // what has settled since may have been cancelled for that very reason
        }
        Item<I, R> item = dropped ? null : deliverable.poll();
        if (item != null) {
            next = deliver(item);
        } else if (isOver()) {
            finish();
        } else {
            awaitMore();
        }
    }

    /** What {@code hasNext} threw because the iteration was cut short; null when it was not. */
    @Nullable
    CancellationException failure() {
        return failure;
    }

    /** The outcome of an item that has settled already; null when there is none. */
    @Nullable
    Outcome<I, R> settledNow() {
        collectSettled();
        Item<I, R> item = deliverable.poll();
        return item == null ? null : deliver(item);
    }

    @Override
    public Outcome<I, R> next() {
        Outcome<I, R> outcome = hasNext() ? next : null;
        if (outcome == null) {
            throw new NoSuchElementException("no more outcomes");
        }
        next = null;
        return outcome;
    }

    private void begin() {
        event.begin();
        source = inputs.iterator();
        try {
            engine.lifecycle.register(call);
        } catch (RuntimeException closed) {
            call.abort(closed);
        }
        call.startClock(() -> call.abort(new TimeoutException(
                "the call exceeded its timeout of " + call.options.timeout().orElseThrow())));
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
                new CancellationException("the iteration was cut short: " + reason.getMessage());
        abandoned.initCause(reason);
        failure = abandoned;
        finish();
        return abandoned;
    }

    /** Whether everything that will be pulled has been handed out; a runner that closes pulls no more, and that is no end. */
    private boolean isOver() {
        if (dropped) {
            return true;
        }
        boolean nothingLeft = unsettled == 0 && (!ordered || inOrder.isEmpty());
        if (nothingLeft && !exhausted && !cancelled && !engine.lifecycle.isOpen()) {
            throw abandoned(engine.lifecycle.closedException());
        }
        return nothingLeft && (exhausted || cancelled);
    }

    private void recordOnce() {
        if (recorded.compareAndSet(false, true)) {
            event.record(call, progress());
        }
    }

    private void finish() {
        finished = true;
        recordOnce();
        call.finish();
    }

    /** Moves what has settled to where it can be handed out. */
    private void collectSettled() {
        Item<I, R> item = settled.takeAll();
        while (item != null) {
            Item<I, R> later = item.older;
            item.older = null; // or each item would keep all later ones in memory
            item.collected = true;
            unsettled--;
            if (!ordered) {
                deliverable.add(item);
            }
            item = later;
        }
        while (ordered && !inOrder.isEmpty() && inOrder.getFirst().collected) {
            deliverable.add(inOrder.removeFirst());
        }
    }

    private void pull() {
        while (!exhausted && !cancelled && window.hasRoom() && engine.lifecycle.isOpen() && !call.isAborted()) {
            Item<I, R> item = pullOne();
            if (item == null || !engine.lifecycle.isOpen()) {
                exhausted = item == null; // or it came while the runner closed, and must not cost what was drained
                break;
            }
            unsettled++;
            boolean now = window.pulled();
            if (ordered) {
                inOrder.add(item);
            }
            call.add(item, now);
            window.encoded(item.encodedBytes());
            if (cancelled) {
                item.cancel(Strategy.Stop.INTERRUPT);
            }
        }
        engine.dispatcher.pump();
    }

    /** The next input; null when there is none. What the caller's iterator throws cancels what runs. */
    private @Nullable Item<I, R> pullOne() {
        Iterator<? extends I> from = source;
        try {
            if (from == null || !from.hasNext()) {
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
            boolean ran = engine.isOwnBody() ? call.runOneHere() : call.startInline();
            if (ran) {
                return;
            }
        } else {
            engine.strategy.checkMayWait();
            if (engine.isOwnBody() && call.runOneHere()) {
                return;
            }
        }
        try {
            settled.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Outcome<I, R> deliver(Item<I, R> item) {
        call.handedOut(item);
        Outcome<I, R> outcome = item.outcome();
        window.delivered(item.encodedBytes());
        if (item.isTimed()) {
            window.took(outcome.timing().endedNanos() - outcome.timing().startedNanos());
        }
        tally.count(outcome.state());
        tally.tell(call.options);
        return outcome;
    }
}
