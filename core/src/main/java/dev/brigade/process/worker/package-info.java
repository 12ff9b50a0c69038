/**
 * The code that runs in the child JVM; its main class is {@link dev.brigade.process.worker.WorkerMain}.
 *
 * <p>Uses {@code os}, {@code protocol}, {@code transport}, {@code spi}, {@code context}, {@code threads} and, for nested tasks, the engine.
 * Invariant: one thread runs user code, and each result has left the process before the next body begins. So a death has one task to blame.
 */
@NullMarked
package dev.brigade.process.worker;

import org.jspecify.annotations.NullMarked;
