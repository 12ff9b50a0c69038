/**
 * All that parent and worker exchange: frames over a socket, results through a ring in shared memory, the worker's progress in a
 * file, and what a worker is told at its start.
 *
 * <p>Uses {@code os} and {@code transport}. Invariant: both sides agree on every byte, so a change here changes
 * {@link dev.brigade.process.protocol.Frame#VERSION} or is none.
 */
@NullMarked
package dev.brigade.process.protocol;

import org.jspecify.annotations.NullMarked;
