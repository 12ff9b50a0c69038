/**
 * Tasks, inputs, results and failures as bytes, and back.
 *
 * <p>Whatever crosses to another process or machine crosses as a {@link dev.brigade.transport.Payload} made by a
 * {@link dev.brigade.transport.Codec}. Nothing here knows of processes, frames or sockets.
 */
@NullMarked
package dev.brigade.transport;

import org.jspecify.annotations.NullMarked;
