package dev.brigade.spi;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The data that all tasks of one batch share. A backend that transports sends it once, with the function.
 *
 * @param name the batch's name for logs and records, perhaps empty
 * @param maxConcurrency the largest number of bodies of this batch that run at once: the smaller of the caller's limit and the backend's
 * @param taskTimeout the time that one attempt may take; empty when there is no limit. The engine keeps the timer; a backend only
 *     passes this on, for {@link dev.brigade.TaskContext#remaining()} in another process
 * @param context the caller's context by propagator name (the MDC among them), to be bound around each body
 * @param loader the class loader of the user's code; a backend that transports finds classes with it
 */
public record BatchSpec(
        String name,
        int maxConcurrency,
        Optional<Duration> taskTimeout,
        Map<String, Map<String, String>> context,
        ClassLoader loader) {

    /**
     * Returns the class loader of a user's code.
     *
     * @param code the task or function, not null
     * @return the loader of its class; if that is the JDK's own, the context class loader of the calling thread
     */
    public static ClassLoader loaderOf(Object code) {
        ClassLoader own = TaskBodies.unwrapped(code).getClass().getClassLoader();
        ClassLoader next = own == null ? Thread.currentThread().getContextClassLoader() : own;
        return next == null ? ClassLoader.getSystemClassLoader() : next;
    }
}
