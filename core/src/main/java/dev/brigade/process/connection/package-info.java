/**
 * The parent's end of the connections: the listening socket, the workers' sockets and result rings, the event loop that reads them,
 * and the output of workers.
 *
 * <p>May use {@code scheduling}, which it tells of what workers send, and {@code protocol}, which has the frames.
 *
 * <p>Invariant: all of it happens on the event loop's thread, and never blocks there. Only {@code FrameFlusher}, {@code StderrTail}
 * and {@code OutputDispatcher} are called by other threads as well.
 */
@NullMarked
package dev.brigade.process.connection;

import org.jspecify.annotations.NullMarked;
