package dev.brigade.threads;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes threads that inherit nothing from whoever happens to start them: no inheritable thread-locals, no context class loader.
 *
 * <p><b>Thread safety</b>: stateless.
 */
public final class OwnThreads {
    private OwnThreads() {}

    /**
     * A daemon thread.
     *
     * @param name its name
     * @param task what it runs
     * @return the thread, not started
     */
    public static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(null, task, name, 0, false);
        return prepared(thread);
    }

    /**
     * Makes a thread a daemon without a context class loader of its own: with the application's, as JDK 21 and later give to a
     * thread that inherits nothing.
     *
     * @param thread the thread, not started
     * @return {@code thread}
     */
    public static Thread prepared(Thread thread) {
        thread.setDaemon(true);
        thread.setContextClassLoader(ClassLoader.getSystemClassLoader());
        return thread;
    }

    /**
     * Makes daemon threads.
     *
     * @param prefix what their names begin with; a number from 0 follows
     * @return the factory
     */
    public static ThreadFactory named(String prefix) {
        AtomicInteger count = new AtomicInteger();
        return task -> daemon(prefix + count.getAndIncrement(), task);
    }
}
