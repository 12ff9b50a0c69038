/**
 * The pool of child JVMs: what holds its rooms together.
 *
 * <p>{@link dev.brigade.process.ProcessPool} is what the engine sees. {@link dev.brigade.process.PoolState} and
 * {@link dev.brigade.process.WorkerSupervisor} decide, under one lock; {@link dev.brigade.process.PoolResources} owns the threads,
 * processes, sockets and the directory. The rooms below follow the process boundary: {@code config}, {@code os} and
 * {@code protocol} are used on both sides, {@code launch} on the parent's side, {@code worker} in the child JVM. Only this room uses
 * all of them.
 *
 * <p>Invariant: what must happen outside the lock is a {@link dev.brigade.process.PoolActions} of the thread that decided it.
 */
@NullMarked
package dev.brigade.process;

import org.jspecify.annotations.NullMarked;
