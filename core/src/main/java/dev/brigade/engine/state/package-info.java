/**
 * The state that the engine's threads share: the states of a task, the queue of settled tasks, progress, and the actions of a
 * cancellation.
 *
 * <p>Knows nothing of runners and attempts. Each class documents the threads that may call it.
 */
@NullMarked
package dev.brigade.engine.state;

import org.jspecify.annotations.NullMarked;
