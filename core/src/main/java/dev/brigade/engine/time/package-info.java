/**
 * The engine's clock: the thread that does what is due, and the threads that call users back.
 *
 * <p>Knows nothing of tasks.
 *
 * <p>Invariant: no user code runs on the timer's thread, but when the machine has had no other thread for seconds.
 */
@NullMarked
package dev.brigade.engine.time;

import org.jspecify.annotations.NullMarked;
