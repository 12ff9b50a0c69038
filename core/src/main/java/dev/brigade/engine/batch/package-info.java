/**
 * The consumer's side of a batch: pulls inputs, delivers outcomes, and reports progress.
 *
 * <p>May use {@code core}, which runs the tasks.
 *
 * <p>Invariant: an iterator belongs to one thread, and no more inputs are pulled than the window allows.
 */
@NullMarked
package dev.brigade.engine.batch;

import org.jspecify.annotations.NullMarked;
