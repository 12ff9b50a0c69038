/**
 * The pool of child JVMs: what holds its rooms together.
 *
 * <p>{@link dev.brigade.process.ProcessPool} is what the engine sees. {@code scheduling} decides;
 * {@link dev.brigade.process.PoolResources} owns the threads, processes, sockets and the directory, and carries out what is decided.
 * The packages follow the process boundary. Both sides use {@code os} and {@code protocol}. The parent uses {@code config},
 * {@code launch}, {@code connection} and {@code scheduling}; the child JVM uses {@code worker}. Only this package uses all of them.
 *
 * <p>Invariant: nothing blocks the event loop's thread but the selector, and no user code runs there, except a callback for which the machine
 * has no other thread left (ADR 0015).
 */
@NullMarked
package dev.brigade.process;

import org.jspecify.annotations.NullMarked;
