package dev.brigade.engine.core;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Starts the ready tasks of all batches of one runner, one batch after the other, while there are permits.
 *
 * <p>Design note: there is no dispatcher thread. A thread that frees a permit or adds a task calls {@link #dispatch}. The first such
 * thread does the starting, and makes another round for the calls that came meanwhile, which {@code tickets} counts. So one thread at a
 * time starts tasks, and a start that ends at once never recurses.
 */
final class Dispatcher {
    /** Number of starts that a batch gets before the next batch's turn. */
    private static final int TURN = 32;

    private final RunnerCore engine;
    private final boolean inline;

    /** Calls of {@code dispatch()} that no round has served yet; above 0 while a thread makes rounds. */
    private final AtomicInteger tickets = new AtomicInteger();

    /** Number of enlisted batches; for a moment it may be too low. */
    private final AtomicInteger listed = new AtomicInteger();

    /** Batches on their way to {@code list}. */
    private final Queue<BatchRun<?, ?>> arriving = new ConcurrentLinkedQueue<>();

    /** Batches with ready tasks; used only by the thread that makes rounds. */
    private final ArrayDeque<BatchRun<?, ?>> list = new ArrayDeque<>();

    Dispatcher(RunnerCore engine) {
        this.engine = engine;
        inline = engine.backend.inline();
    }

    /** Enlists a batch that has tasks to start; a call of {@link #dispatch} follows. */
    void enlist(BatchRun<?, ?> batch) {
        if (!batch.enlisted.get() && batch.enlisted.compareAndSet(false, true)) {
            listed.incrementAndGet();
            arriving.add(batch);
        }
    }

    /** Returns true if batches other than this one may have tasks to start. */
    boolean othersWait(BatchRun<?, ?> batch) {
        int enlisted = listed.get();
        return enlisted > 1 || (enlisted == 1 && !batch.enlisted.get());
    }

    void dispatch() {
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
                // The stack has ended: otherwise no thread would make a round again. What came meanwhile waits for the
                // next call.
                tickets.set(0);
            }
        }
        rethrow(failed);
    }

    /**
     * Makes a round; returns the first failure so far. A failure must not cancel the rounds that other threads have asked for: those
     * threads have gone on.
     */
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
        int unsuccessful = 0;
        while (unsuccessful < list.size() && (inline || engine.hasPermit())) {
            BatchRun<?, ?> batch = list.getFirst();
            int started = turnOf(batch);
            if (started == 0 && batch.hasReady() && batch.isIdle() && !inline) {
                return; // nothing of this batch is under way, and yet it could start nothing: the runner is full
            }
            list.removeFirst();
            if (batch.hasReady() || !delist(batch)) {
                list.addLast(batch);
                unsuccessful = started > 0 ? 0 : unsuccessful + 1;
            }
        }
    }

    private int turnOf(BatchRun<?, ?> batch) {
        if (inline) {
            batch.wake(); // a thread that waits for the batch starts it
            return 0;
        }
        return batch.startSome(TURN);
    }

    /** Takes a batch off the list; returns false if it has new tasks and no other thread enlists it, so that it stays. */
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
