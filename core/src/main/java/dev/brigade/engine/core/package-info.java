/**
 * The engine's core: a runner, its batches, their tasks, and the attempts at them; each ends once.
 *
 * <p>{@link dev.brigade.engine.core.RunnerCore} is one runner. {@link dev.brigade.engine.core.BatchRun} is one batch in it,
 * {@link dev.brigade.engine.core.EngineTask} one task, {@link dev.brigade.engine.core.TaskAttempt} one attempt. They refer to each other,
 * so they are in one room. This room may use {@code state}, {@code time} and the SPI.
 *
 * <p>Invariant: each task is settled exactly once, by a compare-and-set on its {@link dev.brigade.engine.state.TaskState}.
 */
@NullMarked
package dev.brigade.engine.core;

import org.jspecify.annotations.NullMarked;
