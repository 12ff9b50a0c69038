package dev.brigade.engine.core;

import dev.brigade.TaskContext;
import dev.brigade.engine.state.CancelActions;
import dev.brigade.threads.InterruptedBody;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The state of one attempt: begun on a thread, left, or answered. An attempt is answered once its body is gone, or will never run. Of all
 * threads that could begin or answer it, one succeeds. A body can be interrupted while it runs, and never afterwards.
 *
 * <p>Design note: these threads race for one field, by compare-and-set. As in {@link java.util.concurrent.FutureTask}, the interrupting
 * thread announces itself. So the body's end can wait for an interrupt that is under way, and clear it. The wait is as short as
 * {@link Thread#interrupt()}.
 *
 * <pre>
 *  null --begin--> the thread --leave-----------------------------------> LEFT --answer--> ANSWERED
 *    |                 '--interrupt--> INTERRUPTING --> INTERRUPTED --leave--'                 ^
 *    '--answer (it runs elsewhere, or will never run)------------------------------------------'
 *  if a body's end is the answer, leave goes to ANSWERED at once
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

    /** The thread while the body runs, else null. Only that thread writes it and needs to see it; others read it only for the log. */
    private @Nullable Thread thread;

    /**
     * The thread that is inside {@code PreparedTask.start}; null outside it. A body that begins there runs on its caller's thread. Only
     * that thread writes this, and no other needs to see it.
     */
    @Nullable
    Thread starter;

    /** Time at which the body began, by the task's {@code nowNanos}; 0 before. Written with release, after {@code worker}. */
    private volatile long startedNanos;

    private String worker = "";

    /** Made by the first thread that needs it; null before. */
    private volatile @Nullable CancelActions onCancel;

    /**
     * True if the body runs on a caller's thread, so that an interrupt that the engine did not send is the caller's. Body's thread only.
     */
    private boolean callersThread;

    /** True if the caller's thread was interrupted when the body began; body's thread only. */
    private boolean callerInterrupted;

    /** The nesting inside another body on the same thread; null if there is none. Body's thread only. */
    private @Nullable NestedBody nesting;

    /** Makes an attempt that has not begun. */
    AttemptState() {}

    /** Makes an attempt whose body the calling thread, {@code self}, has claimed. */
    AttemptState(Thread self) {
        STATE.set(this, (Object) self); // published with the attempt
        thread = self;
    }

    /** Claims the body; returns false if it has begun elsewhere or the attempt has been answered. */
    final boolean begin(Thread self) {
        return begin(self, starter == self);
    }

    /**
     * Claims the body. {@code ofCaller} is true if {@code self} is a caller's thread, which starts the body there or waits for it.
     * Interrupts that the engine does not send are then the caller's.
     */
    final boolean begin(Thread self, boolean ofCaller) {
        NestedBody inside = ofCaller ? NestedBody.find() : null;
        // After find() has counted the outer body's interrupts: an interrupt between the two counts twice, not never.
        // Before the compare-and-set: this body cannot have been interrupted yet.
        boolean interrupted = ofCaller && self.isInterrupted();
        if (!STATE.compareAndSet(this, (Object) null, (Object) self)) {
            return false;
        }
        thread = self;
        nesting = inside;
        callersThread = ofCaller;
        callerInterrupted = interrupted;
        if (!callersThread) {
            Thread.interrupted(); // left over from earlier work of this thread
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
     * Called by the body's thread when the body has left it; {@code answered} if that answers the attempt. Clears an interrupt that the
     * engine sent and, on a pool's thread, a flag that the body has set. On a caller's thread, an interrupt that ended the body and that
     * the engine did not send was meant for the caller, and is set again. The flag is also set again, whatever this body did with it, for a
     * caller interrupted before and an outer body interrupted meanwhile.
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

    /** Returns the number of bodies that this one runs inside of on its thread. */
    public final int depth() {
        return nesting == null ? 0 : nesting.depth();
    }

    /** Returns the attempt whose body this one runs inside of on its thread; null if there is none of this JVM's. */
    public final @Nullable AttemptState outer() {
        return nesting != null && nesting.outer() instanceof AttemptState attempt ? attempt : null;
    }

    /** Claims the answer; returns false if it has been given, or if the body runs here and will give it. */
    final boolean answer() {
        return STATE.compareAndSet(this, (Object) null, ANSWERED) || STATE.compareAndSet(this, LEFT, ANSWERED);
    }

    /** As {@link #answer}, for an attempt whose body has not begun here; returns false also if it has begun. */
    final boolean answerUnbegun() {
        return STATE.compareAndSet(this, (Object) null, ANSWERED);
    }

    /** Returns true if no body runs for this attempt and none will. */
    final boolean isGone() {
        return state == ANSWERED;
    }

    /** Returns true if the body ran on a caller's thread, which started it there or waits for it; body's thread only. */
    final boolean isOnCallersThread() {
        return callersThread;
    }

    final boolean isCurrent() {
        return thread == Thread.currentThread();
    }

    @Override
    public final boolean isOnThisThread() {
        return isCurrent();
    }

    /** Returns the body's thread while it runs, else null; other threads may see either late. */
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

    /** Returns the name of the thread or process that runs the body; valid once {@link #startedNanos} is not 0. */
    final String worker() {
        return worker;
    }

    /** Returns the actions that the body wants run at its cancellation. */
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
