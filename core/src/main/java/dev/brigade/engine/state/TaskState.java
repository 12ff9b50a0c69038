package dev.brigade.engine.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The state of a task between its pull and its outcome.
 *
 * <p>Design note: all events of a task race for one word, (claim, phase), by compare-and-set; the move to SETTLED happens once. Each
 * claim has a number of its own, even after an attempt that was given back, so that a late event of an earlier attempt fails. A claim
 * that has left RUNNING is never RUNNING again, so a thread that finds it in another phase may rely on that.
 *
 * <pre>
 *  READY, RETURNED    -- claimed by a thread -------------------------------> RUNNING
 *  RUNNING            -- body ended ----------------------------------------> SETTLED
 *  RUNNING            -- failed, to be tried again -------------------------> BACKOFF
 *  RUNNING            -- given back, body never began ----------------------> RETURNED
 *  RUNNING            -- deadline of the last attempt ----------------------> SETTLED
 *  RUNNING            -- deadline, a retry or the end of the body to come --> TIMING_OUT
 *  TIMING_OUT         -- no further attempt --------------------------------> SETTLED
 *  TIMING_OUT         -- to be tried again ---------------------------------> BACKOFF
 *  BACKOFF            -- retry delay over, body gone -----------------------> READY
 *  BACKOFF            -- retry delay over, body still runs -----------------> SETTLED
 *  READY              -- input cannot be prepared --------------------------> SETTLED
 *  all but TIMING_OUT -- cancelled, or the time of the batch is up ---------> SETTLED
 * </pre>
 *
 * @param <T> the type of the task
 */
public abstract class TaskState<T extends CompletionQueue.Node<T>> extends CompletionQueue.Node<T> {
    public static final int READY = 0;
    public static final int RUNNING = 1;
    public static final int TIMING_OUT = 2;
    public static final int BACKOFF = 3;
    public static final int SETTLED = 4;
    public static final int RETURNED = 5;
    private static final int PHASE_BITS = 3;
    private static final int PHASE_MASK = (1 << PHASE_BITS) - 1;
    private static final VarHandle WORD;

    static {
        try {
            WORD = MethodHandles.lookup().findVarHandle(TaskState.class, "word", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Number of claims so far, and the phase; see the diagram. */
    private volatile int word;

    private static int word(int claim, int phase) {
        return claim << PHASE_BITS | phase;
    }

    public static int phase(int word) {
        return word & PHASE_MASK;
    }

    public static int claimOf(int word) {
        return word >>> PHASE_BITS;
    }

    public final int word() {
        return word;
    }

    public final boolean move(int claim, int from, int to) {
        return WORD.compareAndSet(this, word(claim, from), word(claim, to));
    }

    /** Moves a task that was seen as READY or RETURNED to RUNNING; returns the claim, or 0 if it was neither or has changed since. */
    public final int tryClaim(int seen) {
        int claim = claimOf(seen) + 1;
        boolean free = phase(seen) == READY || phase(seen) == RETURNED;
        return free && WORD.compareAndSet(this, seen, word(claim, RUNNING)) ? claim : 0;
    }

    /** Gives the attempt back: its body never begins, and it does not count as an attempt. */
    public final boolean giveBack(int claim) {
        return move(claim, RUNNING, RETURNED);
    }

    public final boolean isSettled() {
        return phase(word) == SETTLED;
    }

    public final boolean isReady() {
        return phase(word) == READY;
    }

    public final boolean isRunning(int claim) {
        return word == word(claim, RUNNING);
    }

    public final boolean isTimingOut(int claim) {
        return word == word(claim, TIMING_OUT);
    }
}
