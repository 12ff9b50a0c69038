/**
 * What the engine's threads share: the states of a task, the queue of those that are settled, progress, and the actions of a
 * cancellation.
 *
 * <p>Knows nothing of runners and attempts. Each class says which threads may call it.
 */
@NullMarked
package dev.brigade.engine.state;

import org.jspecify.annotations.NullMarked;
