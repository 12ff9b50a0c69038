package dev.brigade;

import java.util.Map;

/**
 * Carries context of the caller's thread (a trace id, a tenant, a locale) to the threads and processes that run its tasks.
 *
 * <p>Propagators are found by {@link java.util.ServiceLoader}, in this JVM and in each worker JVM. It uses the caller's context class
 * loader, the class loader of the task's code, and this library's own. A propagator that cannot be loaded or instantiated is logged
 * and skipped. SLF4J's MDC is carried without a propagator. The captured context consists of strings, so that it can be sent to another
 * process.
 *
 * <p><b>Thread safety</b>: all methods are called from many threads at once.
 *
 * <p><b>Failure</b>: anything that these methods throw is logged; the task runs without that part of the context. A {@code bind} that
 * throws must first undo what it has done: the runner has no {@code Runnable} to undo it with.
 */
public interface ContextPropagator {

    /**
     * Returns the name that the captured context is sent under; the same in every process.
     *
     * @return the name, not null
     */
    String name();

    /**
     * Captures the calling thread's context. Called on the caller's thread, once for each batch.
     *
     * @return the context, not null; empty when there is none, and then {@link #bind} is not called
     */
    Map<String, String> capture();

    /**
     * Binds the captured context to the calling thread. Called on the body's thread, before the body.
     *
     * @param captured the map that {@link #capture()} returned, perhaps in another process
     * @return an action that removes the context and restores the previous one; called on the same thread, after the body
     */
    Runnable bind(Map<String, String> captured);
}
