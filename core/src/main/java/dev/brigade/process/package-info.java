/**
 * The pool of child JVMs: what holds its rooms together.
 *
 * <p>{@link dev.brigade.process.ProcessPool} is what the engine sees. {@code scheduling} decides;
 * {@link dev.brigade.process.PoolResources} owns the threads, processes, sockets and the directory, and carries out what is decided.
 * The rooms follow the process boundary: {@code config}, {@code os} and {@code protocol} are used on both sides, {@code launch},
 * {@code connection} and {@code scheduling} on the parent's side, {@code worker} in the child JVM. Only this room uses all of them.
 *
 * <p>Invariant: no user code runs on the event loop's thread, and nothing blocks there but the selector.
 */
@NullMarked
package dev.brigade.process;

import org.jspecify.annotations.NullMarked;
