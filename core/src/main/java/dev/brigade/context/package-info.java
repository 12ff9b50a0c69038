/**
 * The caller's context, taken when a batch is begun and bound around its bodies: SLF4J's MDC, and what
 * {@link dev.brigade.ContextPropagator}s add. Not exported: a backend binds it by {@code TaskBodies.bindContext}.
 *
 * <p>Invariant: a thread has the same context after a body as before it, whatever a propagator throws.
 */
@NullMarked
package dev.brigade.context;

import org.jspecify.annotations.NullMarked;
