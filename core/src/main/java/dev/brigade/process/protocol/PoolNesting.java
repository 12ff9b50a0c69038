package dev.brigade.process.protocol;

import java.util.Optional;

/**
 * The depth of this JVM in nested pools: 0 in the application, 1 in its pool's workers, 2 in the workers of a pool in such a worker.
 *
 * <p>Design note: a worker may start workers for the same reason for which its parent started it. This goes on without end, and each level
 * multiplies the processes. A class whose static initializer uses a pool for its own lambda does this without any visible recursion,
 * because decoding the lambda initializes the class. Hence a limit, and a message that names the class.
 */
public final class PoolNesting {
    /** Set once, before a worker's first task. */
    private static volatile int depth;

    private PoolNesting() {}

    public static int depth() {
        return depth;
    }

    /** Sets the depth of this JVM, which is a worker. */
    public static void enter(int now) {
        depth = now;
    }

    /**
     * Refuses to use a pool whose workers would be too deep.
     *
     * @param pool the pool's name
     * @param most the greatest depth that its workers may have
     * @throws IllegalStateException if its workers would be deeper
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
