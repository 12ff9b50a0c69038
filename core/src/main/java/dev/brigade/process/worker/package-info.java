/**
 * The code that runs in the child JVM; its main class is {@link dev.brigade.process.worker.WorkerMain}.
 *
 * <p>Uses {@code os}, {@code protocol}, {@code transport}, {@code spi}, {@code context}, {@code threads} and, for nested tasks, the engine.
 * Invariant: one thread runs bodies, and each result has left the process before the next body begins. So at most one body is begun and not
 * answered when the process dies: the one to blame.
 */
@NullMarked
package dev.brigade.process.worker;

import org.jspecify.annotations.NullMarked;
