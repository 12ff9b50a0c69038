/**
 * The interface that a new way of running implements, {@link dev.brigade.spi.ExecutionBackend}, and its small parts.
 *
 * <p>The engine does the rest: order, window, failure, time-outs, retries, progress, context. A
 * {@link dev.brigade.engine.BackendRunner} joins both. Uses only {@code dev.brigade}.
 */
@NullMarked
package dev.brigade.spi;

import org.jspecify.annotations.NullMarked;
