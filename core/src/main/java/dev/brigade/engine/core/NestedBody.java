package dev.brigade.engine.core;

import dev.brigade.TaskContext;
import dev.brigade.threads.InterruptedBody;
import org.jspecify.annotations.Nullable;

/**
 * The nesting of a body inside an outer body, on one thread. An interrupt of the outer body reaches both. The inner body gets it because it
 * runs on the outer body's thread. The outer body gets it again at the inner body's end, whatever the inner one did with the thread's flag.
 *
 * <p><b>Thread safety</b>: the bodies' thread only.
 */
final class NestedBody {
    private final InterruptedBody outer;

    /** Interrupts of the outer body before the inner one began; handled by the outer body, unless the flag was still set. */
    private final int interruptsBefore;

    private NestedBody(InterruptedBody outer) {
        this.outer = outer;
        interruptsBefore = outer.interrupts();
    }

    /** Returns the nesting for a body that is about to begin on the calling thread; null if no other body runs there. */
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

    /** Returns true if the outer body has been interrupted since the nesting began, and may not have seen it. */
    boolean owesAnInterrupt() {
        return outer.interrupts() > interruptsBefore;
    }
}
