package dev.brigade.process.protocol;

import java.util.Optional;

/**
 * How deep in pools this JVM is: 0 in the application, 1 in a worker of its pool, 2 in a worker of a pool in that worker.
 *
 * <p>Design note: a worker that starts workers for what made its parent start it goes on without end, and each level multiplies
 * the processes. A class whose static initializer uses a pool for its own lambda does so without a recursion in sight, because
 * decoding the lambda initializes its class. Hence a bound, and a message that names the class.
 */
public final class PoolNesting {
    /** Set once, before a worker's first task. */
    private static volatile int depth;

    private PoolNesting() {}

    public static int depth() {
        return depth;
    }

    /** This JVM is a worker, so deep. */
    public static void enter(int now) {
        depth = now;
    }

    /**
     * Refuses to use a pool where its workers would be too deep.
     *
     * @param pool the pool's name
     * @param most how deep its workers may be
     * @throws IllegalStateException when they would be deeper
     */
    public static void check(String pool, int most) {
        int now = depth;
        if (now < most) {
            return;
        }
        throw new IllegalStateException(
                "the pool " + pool + " starts no workers here: this process is a worker itself, at depth " + now
                        + ", and workers may be at depth " + most + " at most (maxNesting). " + advice());
    }

    private static String advice() {
        Optional<String> initialized = StackWalker.getInstance()
                .walk(frames -> frames.filter(frame -> frame.getMethodName().equals("<clinit>"))
                        .map(StackWalker.StackFrame::getClassName)
                        .findFirst());
        return initialized
                .map(name -> "The static initializer of " + name
                        + " uses the pool: each worker that decodes a lambda of that"
                        + " class runs it again. Use the pool elsewhere, or put the lambda into another class")
                .orElse(
                        "Bodies run their own tasks in their own process with TaskContext.current().runner(); where pools are to"
                                + " be nested deeper, set ProcessRunner.builder().maxNesting(...)");
    }
}
