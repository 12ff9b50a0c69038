/**
 * The engine's timer, and the threads that run users' callbacks.
 *
 * <p>Knows nothing of tasks.
 *
 * <p>Invariant: no user code runs on the timer's thread, unless no other thread could be started for seconds.
 */
@NullMarked
package dev.brigade.engine.time;

import org.jspecify.annotations.NullMarked;
