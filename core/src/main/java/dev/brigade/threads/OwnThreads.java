package dev.brigade.threads;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes threads that inherit no thread-locals, no context class loader and no priority from the thread that makes them.
 *
 * <p><b>Thread safety</b>: stateless.
 */
public final class OwnThreads {
    private OwnThreads() {}

    /**
     * Makes a daemon thread.
     *
     * @param name its name
     * @param task the code that it runs
     * @return the thread, not started
     */
    public static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(null, task, name, 0, false);
        return prepared(thread);
    }

    /**
     * Makes a thread a daemon of normal priority, with the system class loader as its context class loader. JDK 21 and later give
     * that loader to a thread that inherits nothing.
     *
     * @param thread the thread, not started
     * @return {@code thread}
     */
    @SuppressWarnings("ThreadPriorityCheck") // nothing relies on it: only the inherited one is dropped
    public static Thread prepared(Thread thread) {
        thread.setDaemon(true);
        thread.setPriority(Thread.NORM_PRIORITY);
        thread.setContextClassLoader(ClassLoader.getSystemClassLoader());
        return thread;
    }

    /**
     * Returns a factory of daemon threads.
     *
     * @param prefix the beginning of their names; a number from 0 follows
     * @return the factory
     */
    public static ThreadFactory named(String prefix) {
        AtomicInteger count = new AtomicInteger();
        return task -> daemon(prefix + count.getAndIncrement(), task);
    }
}
