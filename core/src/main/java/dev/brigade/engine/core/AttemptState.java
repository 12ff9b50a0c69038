package dev.brigade.engine.core;

import dev.brigade.TaskContext;
import dev.brigade.engine.state.CancelActions;
import dev.brigade.threads.InterruptedBody;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Whether an attempt's body has begun, on which thread, and whether the attempt has been answered: lets one of all who could
 * begin or answer it do so, and lets a body be interrupted while it runs, and never after.
 *
 * <p>Design note: all of that races for one word, by compare-and-set. As in {@link java.util.concurrent.FutureTask}, the
 * interrupter announces itself, so that the body's end can wait for an interrupt that is under way and take it back. That wait is
 * as short as {@link Thread#interrupt()}.
 *
 * <pre>
 *  null --begin--> the thread --leave-----------------------------------> LEFT --answer--> ANSWERED
 *    |                 '--interrupt--> INTERRUPTING --> INTERRUPTED --leave--'                 ^
 *    '--answer (it runs elsewhere, or will never run)------------------------------------------'
 *  where a body's end is the answer, leave goes to ANSWERED at once
 * </pre>
 */
public abstract class AttemptState extends TaskContext implements InterruptedBody {
    private static final Object INTERRUPTING = new Object();
    private static final Object INTERRUPTED = new Object();
    private static final Object LEFT = new Object();
    private static final Object ANSWERED = new Object();
    private static final VarHandle STATE;
    private static final VarHandle STARTED;
    private static final VarHandle ON_CANCEL;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(AttemptState.class, "state", Object.class);
            STARTED = lookup.findVarHandle(AttemptState.class, "startedNanos", long.class);
            ON_CANCEL = lookup.findVarHandle(AttemptState.class, "onCancel", CancelActions.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** See the diagram. */
    private volatile @Nullable Object state;

    /** The thread while the body runs; written by that thread, which alone needs to see it: for others it is for messages. */
    private @Nullable Thread thread;

    /**
     * The thread that is inside {@code Prepared.start}, while it is: a body begun there runs on its caller's thread. That thread
     * alone writes it, and no other needs to see it.
     */
    @Nullable
    Thread starter;

    /** When the body began; 0 before. Written with release, after {@code worker}. */
    private volatile long startedNanos;

    private String worker = "";

    /** Made by the first who needs it. */
    private volatile @Nullable CancelActions onCancel;

    /** Whether an interrupt that is not the engine's own is somebody else's business; the body's thread only. */
    private boolean callersThread;

    /** Whether the caller whose thread this is had been interrupted by the beginning; the body's thread only. */
    private boolean callerInterrupted;

    /** What this runs inside of on its thread; null when it does not. The body's thread only. */
    private @Nullable NestedBody nesting;

    /** One that somebody will begin or answer. */
    AttemptState() {}

    /** One that the given thread, which is the calling one, has begun. */
    AttemptState(Thread self) {
        STATE.set(this, (Object) self); // published with the attempt
        thread = self;
    }

    /** Claims the body; false when it has begun elsewhere or been answered. */
    final boolean begin(Thread self) {
        return begin(self, starter == self);
    }

    /** Claims the body for a thread that waits for it anyway, whose interrupts are its own, or for another. */
    final boolean begin(Thread self, boolean ofCaller) {
        NestedBody inside = ofCaller ? NestedBody.find() : null;
        // After the outer one's are counted: what comes in between counts twice, not never. Before this one's can come.
        boolean interrupted = ofCaller && self.isInterrupted();
        if (!STATE.compareAndSet(this, (Object) null, (Object) self)) {
            return false;
        }
        thread = self;
        nesting = inside;
        callersThread = ofCaller;
        callerInterrupted = interrupted;
        if (!callersThread) {
            Thread.interrupted(); // a leftover of whatever this thread did before
        }
        return true;
    }

    /** Interrupts the body, if it runs and has not been interrupted. */
    final void interrupt() {
        if (state instanceof Thread running && STATE.compareAndSet(this, (Object) running, INTERRUPTING)) {
            running.interrupt();
            state = INTERRUPTED;
        }
    }

    /**
     * The body has left its thread, which calls this. Takes back what the engine sent, and what the body did to a thread of a
     * pool. An interrupt that ended the body and that nobody here sent was meant for the caller whose thread this is: it gets it
     * back. So does a body that this one ran inside of, and a caller who was interrupted before, whatever this one did with it.
     */
    final void leave(boolean answered, boolean byInterrupt) {
        Object next = answered ? ANSWERED : LEFT;
        boolean untouched = STATE.compareAndSet(this, (Object) thread, next);
        if (!untouched) {
            while (state == INTERRUPTING) {
                Thread.onSpinWait();
            }
            state = next;
        }
        thread = null;
        if (!untouched || !callersThread) {
            Thread.interrupted();
        } else if (byInterrupt) {
            Thread.currentThread().interrupt();
        }
        if (callerInterrupted || (nesting != null && nesting.owesAnInterrupt())) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public final int interrupts() {
        Object now = state;
        while (now == INTERRUPTING) {
            Thread.onSpinWait();
            now = state;
        }
        int outer = nesting == null ? 0 : nesting.interrupts();
        return now == INTERRUPTED ? outer + 1 : outer;
    }

    /** How many bodies this one runs inside of on its thread. */
    public final int depth() {
        return nesting == null ? 0 : nesting.depth();
    }

    /** The attempt whose body this one runs inside of on its thread; null when there is none of this JVM's. */
    public final @Nullable AttemptState outer() {
        return nesting != null && nesting.outer() instanceof AttemptState attempt ? attempt : null;
    }

    /** Claims the answer; false when it has been given, or the body runs here and will give it. */
    final boolean answer() {
        return STATE.compareAndSet(this, (Object) null, ANSWERED) || STATE.compareAndSet(this, LEFT, ANSWERED);
    }

    /** As {@link #answer}, for a body that has not begun here; false also when it has. */
    final boolean answerUnbegun() {
        return STATE.compareAndSet(this, (Object) null, ANSWERED);
    }

    /** Whether the body is gone, or will never be. */
    final boolean isGone() {
        return state == ANSWERED;
    }

    /** Whether the body ran on the thread of one who started it there or waits for it; for the body's thread. */
    final boolean isOnCallersThread() {
        return callersThread;
    }

    /** Whether the calling thread is running the body. */
    final boolean isCurrent() {
        return thread == Thread.currentThread();
    }

    @Override
    public final boolean isOnThisThread() {
        return isCurrent();
    }

    /** The thread while the body runs; else null, or lately so. */
    final @Nullable Thread thread() {
        return thread;
    }

    final void setStarted(String workerName, long nanos) {
        worker = workerName;
        STARTED.setRelease(this, nanos);
    }

    final long startedNanos() {
        return startedNanos;
    }

    /** What runs the body; to be asked after {@link #startedNanos} said that it began. */
    final String worker() {
        return worker;
    }

    /** What the body wants done when it is cancelled. */
    final CancelActions cancelActions() {
        CancelActions known = onCancel;
        if (known == null) {
            CancelActions made = new CancelActions();
            known = (CancelActions) ON_CANCEL.compareAndExchange(this, (CancelActions) null, made);
            known = known == null ? made : known;
        }
        return known;
    }
}
