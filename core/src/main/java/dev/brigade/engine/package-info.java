/**
 * {@link dev.brigade.engine.BackendRunner}, a runner made of the engine and a {@link dev.brigade.spi.ExecutionBackend}.
 *
 * <p>The engine itself is in packages that are not exported: {@code batch} and {@code view} use {@code core}, which uses {@code state}
 * and {@code time}.
 */
@NullMarked
package dev.brigade.engine;

import org.jspecify.annotations.NullMarked;
