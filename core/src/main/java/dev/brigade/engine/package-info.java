/**
 * The one engine under all runners, and {@link dev.brigade.spi.ExecutionBackend}, the narrow interface that a new way of running
 * implements.
 */
@NullMarked
package dev.brigade.engine;

import org.jspecify.annotations.NullMarked;
