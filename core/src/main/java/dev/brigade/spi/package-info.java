/**
 * The interface {@link dev.brigade.spi.ExecutionBackend}, which a new way of running implements, and its small parts.
 *
 * <p>The engine does the rest: order, window, failure, time-outs, retries, progress, context. A
 * {@link dev.brigade.engine.BackendRunner} joins both. Uses only {@code dev.brigade} and {@code dev.brigade.context}.
 */
@NullMarked
package dev.brigade.spi;

import org.jspecify.annotations.NullMarked;
