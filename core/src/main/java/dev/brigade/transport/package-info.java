/**
 * Encodes tasks, inputs, results and failures as bytes, and decodes them.
 *
 * <p>Each object that crosses to another process or machine crosses as a {@link dev.brigade.transport.Payload} made by a
 * {@link dev.brigade.transport.Codec}. This package knows nothing of processes, frames or sockets.
 */
@NullMarked
package dev.brigade.transport;

import org.jspecify.annotations.NullMarked;
