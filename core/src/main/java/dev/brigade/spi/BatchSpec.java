package dev.brigade.spi;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What is the same for all tasks of one call; a backend that transports sends it once, with the function.
 *
 * @param name the call's name for logs and records, perhaps empty
 * @param maxConcurrency how many bodies of this call run at once, at most: the smaller of the caller's wish and the backend's
 * @param taskTimeout how long one attempt may take; empty when there is no limit. The engine runs the clock; a backend only
 *     passes this on, for {@link dev.brigade.TaskContext#remaining()} in another process
 * @param context the caller's context by propagator name (the MDC among them), to be bound around each body
 * @param loader the class loader that the user's code came from; a backend that transports finds classes with it
 */
public record BatchSpec(
        String name,
        int maxConcurrency,
        Optional<Duration> taskTimeout,
        Map<String, Map<String, String>> context,
        ClassLoader loader) {

    /**
     * The loader that somebody's code came from.
     *
     * @param code the task or function, not null
     * @return its class's loader; where that is the JDK's own, the one of the calling thread
     */
    public static ClassLoader loaderOf(Object code) {
        ClassLoader own = TaskBodies.unwrapped(code).getClass().getClassLoader();
        ClassLoader next = own == null ? Thread.currentThread().getContextClassLoader() : own;
        return next == null ? ClassLoader.getSystemClassLoader() : next;
    }
}
