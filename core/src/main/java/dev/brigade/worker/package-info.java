/**
 * The pool of child JVMs under {@link dev.brigade.runner.ProcessRunner}: launch, channel, frames, supervision, recycling.
 *
 * <p>The parent's side starts with {@link dev.brigade.worker.WorkerPool}, the child's with
 * {@link dev.brigade.worker.WorkerMain}; {@link dev.brigade.worker.Frame} and {@link dev.brigade.worker.Link} are between them.
 */
@NullMarked
package dev.brigade.worker;

import org.jspecify.annotations.NullMarked;
