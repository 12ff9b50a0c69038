package dev.brigade;

import java.util.Map;

/**
 * Carries what belongs to the caller's thread (a trace id, a tenant, a locale) to the threads and processes that run its tasks.
 *
 * <p>Found by {@link java.util.ServiceLoader}, in this JVM and in each worker JVM: by the caller's context class loader, by the one
 * that the task's code came from, and by this library's own. One that cannot be loaded or made is logged and passed over. SLF4J's
 * MDC is carried without one. What is captured is strings, so that it can cross to a process.
 *
 * <p><b>Thread safety</b>: called from many threads at once.
 *
 * <p><b>Failure</b>: whatever these methods throw is logged; the task runs without that part of the context. A {@code bind} that
 * throws must have taken back what it did: there is nobody else who could.
 */
public interface ContextPropagator {

    /**
     * A name, the same in every process, under which the captured context travels.
     *
     * @return the name, not null
     */
    String name();

    /**
     * Takes the calling thread's context; called on the caller's thread, once for each call of the runner.
     *
     * @return the context, not null; empty when there is none, and then {@link #bind} is not called
     */
    Map<String, String> capture();

    /**
     * Gives the calling thread that context; called on the body's thread, before the body.
     *
     * @param captured what {@link #capture()} returned, perhaps in another process
     * @return what takes it away again and restores what was there; called on the same thread, after the body
     */
    Runnable bind(Map<String, String> captured);
}
