package dev.brigade.engine.core;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Starts ready items of all calls of one runner, in turn, while there is room.
 *
 * <p>Design note: there is no dispatcher thread. Whoever makes room or adds work calls {@link #pump}; the first to come does the
 * starting, and goes round again for those who came meanwhile and left their mark in {@code tickets}. So one thread at a time
 * starts, and a start that ends at once never recurses.
 */
final class Dispatcher {
    /** How many starts a call gets before the next call has its turn. */
    private static final int TURN = 32;

    private final RunnerCore engine;
    private final boolean inline;

    /** Calls to pump() not yet seen to; above 0 while some thread pumps. */
    private final AtomicInteger tickets = new AtomicInteger();

    /** How many calls are enlisted; briefly less. */
    private final AtomicInteger listed = new AtomicInteger();

    /** Calls on their way to the list. */
    private final Queue<BatchRun<?, ?>> arriving = new ConcurrentLinkedQueue<>();

    /** Calls with ready items; touched only by the thread that pumps. */
    private final ArrayDeque<BatchRun<?, ?>> list = new ArrayDeque<>();

    Dispatcher(RunnerCore engine) {
        this.engine = engine;
        inline = engine.backend.inline();
    }

    /** The call has something to start; somebody pumps later. */
    void enlist(BatchRun<?, ?> batch) {
        if (!batch.enlisted.get() && batch.enlisted.compareAndSet(false, true)) {
            listed.incrementAndGet();
            arriving.add(batch);
        }
    }

    /** Whether other calls than this one may have something to start. */
    boolean othersWait(BatchRun<?, ?> batch) {
        int calls = listed.get();
        return calls > 1 || (calls == 1 && !batch.enlisted.get());
    }

    void pump() {
        if (tickets.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        Throwable failed = null;
        try {
            do {
                failed = goRoundUnlessItFails(failed);
                seen = tickets.addAndGet(-seen);
            } while (seen != 0);
        } finally {
            if (seen != 0) {
                tickets.set(0); // the stack has ended: no thread would ever pump again
            }
        }
        rethrow(failed);
    }

    /** A round that fails keeps no other request from its own: those come from threads that have gone on. */
    private @Nullable Throwable goRoundUnlessItFails(@Nullable Throwable before) {
        try {
            goRound();
            return before;
        } catch (StackOverflowError e) {
            throw e;
        } catch (RuntimeException | Error e) {
            return before == null ? e : before;
        }
    }

    private static void rethrow(@Nullable Throwable failed) {
        if (failed instanceof Error error) {
            throw error;
        }
        if (failed instanceof RuntimeException exception) {
            throw exception;
        }
    }

    private void goRound() {
        for (BatchRun<?, ?> batch = arriving.poll(); batch != null; batch = arriving.poll()) {
            list.addLast(batch);
        }
        int unlucky = 0;
        while (unlucky < list.size() && (inline || engine.hasPlace())) {
            BatchRun<?, ?> batch = list.getFirst();
            int started = turnOf(batch);
            if (started == 0 && batch.hasReady() && batch.isIdle() && !inline) {
                return; // a call with nothing under way got no place: the runner is full
            }
            list.removeFirst();
            if (batch.hasReady() || !delist(batch)) {
                list.addLast(batch);
                unlucky = started > 0 ? 0 : unlucky + 1;
            }
        }
    }

    private int turnOf(BatchRun<?, ?> batch) {
        if (inline) {
            batch.wake(); // its own thread starts it
            return 0;
        }
        return batch.startSome(TURN);
    }

    /** Takes a call off the list; false when it got work again meanwhile, and nobody else will list it. */
    private boolean delist(BatchRun<?, ?> batch) {
        listed.decrementAndGet();
        batch.enlisted.set(false);
        if (!batch.hasReady() || !batch.enlisted.compareAndSet(false, true)) {
            return true;
        }
        listed.incrementAndGet();
        return false;
    }
}
