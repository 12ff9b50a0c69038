/**
 * The caller's context, captured when a batch is made and bound around its bodies: SLF4J's MDC, and the additions of
 * {@link dev.brigade.ContextPropagator}s. The package is not exported; a backend binds the context by {@code TaskBodies.bindContext}.
 *
 * <p>Invariant: after a body, each undo of a binding around it is run, even if a propagator throws.
 */
@NullMarked
package dev.brigade.context;

import org.jspecify.annotations.NullMarked;
