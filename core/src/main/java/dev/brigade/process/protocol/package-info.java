/**
 * Everything that parent and worker exchange: frames over a socket, results through a ring in shared memory, the worker's progress in a
 * file, and a worker's configuration.
 *
 * <p>Uses {@code os} and {@code transport}. Invariant: both sides agree on every byte, so each change of the format changes
 * {@link dev.brigade.process.protocol.Frame#VERSION}.
 */
@NullMarked
package dev.brigade.process.protocol;

import org.jspecify.annotations.NullMarked;
