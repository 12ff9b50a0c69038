package dev.brigade.engine.core;

import dev.brigade.TaskContext;
import dev.brigade.threads.InterruptedBody;
import org.jspecify.annotations.Nullable;

/**
 * A body that runs inside another's, on one thread. What interrupts the outer one meanwhile reaches both: the inner one since the
 * thread is its own for now, and the outer one in the end, whatever became of the thread's flag.
 *
 * <p><b>Thread safety</b>: the bodies' thread only.
 */
final class NestedBody {
    private final InterruptedBody outer;

    /** Interrupts that the outer one had got by then, and dealt with unless the flag was set. */
    private final int interruptsBefore;

    private NestedBody(InterruptedBody outer) {
        this.outer = outer;
        interruptsBefore = outer.interrupts();
    }

    /** The body that runs on this thread, as one that another is about to run inside of; null when none runs here. */
    static @Nullable NestedBody find() {
        return TaskContext.find().orElse(null) instanceof InterruptedBody body && body.isOnThisThread()
                ? new NestedBody(body)
                : null;
    }

    InterruptedBody outer() {
        return outer;
    }

    int interrupts() {
        return outer.interrupts();
    }

    int depth() {
        return 1 + (outer instanceof AttemptState attempt ? attempt.depth() : 0);
    }

    /** Whether the outer one has been interrupted meanwhile, and may not have seen it. */
    boolean owesAnInterrupt() {
        return outer.interrupts() > interruptsBefore;
    }
}
