/**
 * {@link dev.brigade.engine.BackendRunner}: a runner made of the engine and a {@link dev.brigade.spi.ExecutionBackend}.
 *
 * <p>The engine itself is in rooms that are not exported: {@code batch} and {@code view} on top of {@code core}, and that on top of
 * {@code state} and {@code time}.
 */
@NullMarked
package dev.brigade.engine;

import org.jspecify.annotations.NullMarked;
